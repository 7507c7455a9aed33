import { chances } from '../runtime/chances.ts'
import type { Act } from './act.ts'
import { prospectOf, type Cause } from './cause.ts'
import { chainCauses } from './chain-causes.ts'
import { epochCauses } from './epoch-causes.ts'
import { mixedCauses } from './mixed-causes.ts'
import { nodeCauses } from './node-causes.ts'
import { readActs } from './read-acts.ts'
import { saveActs } from './save-acts.ts'
import { writeActs } from './write-acts.ts'

/** What is wrong, and what a drive does meanwhile. */
export interface State {
  readonly cause: Cause
  readonly act: Act
}

export const acts: readonly Act[] = [...readActs, ...writeActs, ...saveActs]

/** All states; which storage nodes are affected, and in what ways, goes by the seed. Those that need the same machines are together. */
export function statesOf(seed: number): State[] {
  const causes = [...nodeCauses(seed), ...chainCauses(), ...epochCauses(), ...mixedCauses(seed)]
  const states = causes.flatMap((cause) =>
    acts.filter(({ needs }) => concerns(cause, needs)).map((act) => ({ cause, act })),
  )
  const isUrgent = ({ cause, act }: State) => prospectOf(cause, act.needs) !== 'right'
  const savesSmall = ({ act }: State) => act.savesSmall === true
  const place = (state: State) => 2 * Number(isUrgent(state)) + Number(savesSmall(state))
  return states.toSorted((a, b) => place(a) - place(b))
}

/** One of so many, by a seed. */
export function sampleOf(states: readonly State[], every: number, seed: number): State[] {
  const chance = chances(seed)
  return states.filter(() => chance() < 1 / every)
}

function concerns({ onlyFor }: Cause, needs: Act['needs']): boolean {
  return onlyFor === undefined || onlyFor.some((need) => needs.includes(need))
}
