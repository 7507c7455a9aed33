import { Trouble } from '../../terms/trouble.ts'
import type { PastState } from '../../tree/history/past-states.ts'
import { timeText } from '../quantity.ts'
import type { KeptPast } from './kept-past.ts'
import type { Moment } from './moment.ts'

/** So many later states are tried to name one that is whole. */
const wholeTries = 30

/** Before the first change of a drive. */
export const nothing: PastState = {
  sequence: 0,
  timeMs: 0,
  writer: '',
  usedBytes: 0,
  usedInodes: 1,
  base: undefined,
  inline: [],
}

/** The state of a drive at a moment, with everything that it shows. Throws Trouble `not-found`, which tells what is near. */
export async function findPast(past: KeptPast, moment: Moment, drive: string): Promise<PastState> {
  if (moment.kind === 'sequence' && moment.sequence === 0) return nothing
  const later: PastState[] = []
  for await (const state of past.states()) {
    if (later.length === 0 && moment.kind === 'sequence' && moment.sequence > state.sequence) {
      throw notYet(drive, moment.sequence, state)
    }
    if (isMeant(state, moment)) {
      if (await past.isWhole(state)) return state
      throw await givenUp(drive, moment, past, later)
    }
    if (moment.kind === 'sequence' && state.sequence < moment.sequence) {
      throw takenUp(drive, moment.sequence, state, later.at(-1)!)
    }
    later.push(state)
  }
  const first = later.at(-1)
  if (!first) throw new Trouble('not-found', `${drive} is empty: nothing was ever committed to it`)
  if (past.isCut) throw await givenUp(drive, moment, past, later)
  if (moment.kind === 'sequence') throw takenUp(drive, moment.sequence, nothing, first)
  throw new Trouble(
    'not-found',
    `${drive} has nothing from before ${timeText(moment.ms)}: its first commit is ${named(first)}`,
  )
}

function isMeant(state: PastState, moment: Moment): boolean {
  if (moment.kind === 'time') return state.timeMs <= moment.ms
  return state.sequence === moment.sequence
}

function notYet(drive: string, sequence: number, last: PastState): Trouble {
  return new Trouble(
    'not-found',
    `${drive} has not come to sequence ${sequence} yet: the last one is ${named(last)}`,
  )
}

function takenUp(drive: string, sequence: number, before: PastState, after: PastState): Trouble {
  return new Trouble(
    'not-found',
    `sequence ${sequence} of ${drive} was a small change that commit ${after.sequence} took up, and no state of its own is kept of such: near are ${before.sequence} and ${named(after)}`,
  )
}

async function givenUp(
  drive: string,
  moment: Moment,
  past: KeptPast,
  later: readonly PastState[],
): Promise<Trouble> {
  const what =
    moment.kind === 'time'
      ? `what ${drive} was at ${timeText(moment.ms)}`
      : `sequence ${moment.sequence} of ${drive}`
  const whole = await firstWhole(past, later)
  const near = whole ? `the earliest that is whole is ${named(whole)}` : 'no earlier one is whole'
  return new Trouble('not-found', `${what} was given up by gc: ${near}`)
}

/** The one closest to the end of a list that is whole. */
async function firstWhole(
  past: KeptPast,
  later: readonly PastState[],
): Promise<PastState | undefined> {
  for (const state of later.toReversed().slice(0, wholeTries)) {
    if (await past.isWhole(state)) return state
  }
  return later[0]
}

/** For people. */
export function named({ sequence, timeMs }: Pick<PastState, 'sequence' | 'timeMs'>): string {
  return `${sequence} (${timeText(timeMs)})`
}
