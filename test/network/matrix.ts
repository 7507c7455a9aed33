import { setTimeout as sleep } from 'node:timers/promises'
import type { Pace } from '../../src/daemon/pace.ts'
import { noise } from '../writeback/files.ts'
import { answered } from './answered.ts'
import { limitMs, type Act, type Outcome, type Stage } from './act.ts'
import { prospectOf, type Cause, type Prospect } from './cause.ts'
import { whatIsWrong } from './look.ts'
import type { Machine } from './machine.ts'
import { paceFor } from './pace.ts'
import { World } from './world.ts'

/** Longer than an act may take that waits for several things, each for its time. */
const endMs = 4 * limitMs

/** What came of one state: a cause, and what a drive does meanwhile. */
export interface StateStory {
  readonly cause: string
  readonly act: string
  readonly outcome: Outcome
  readonly ms: number
}

/** Tries states one after the other, on one network. */
export class Matrix {
  #world: World | undefined
  #here: Machine | undefined
  #seed: number
  readonly #sealed: boolean

  constructor(seed: number, sealed: boolean) {
    this.#seed = seed * 1_000_000
    this.#sealed = sealed
  }

  /** Never rejects; a state that went wrong leaves the next ones a new network. */
  async try(cause: Cause, act: Act): Promise<StateStory> {
    const startedMs = Date.now()
    let outcome: Outcome
    try {
      outcome = await this.#try(cause, act)
    } catch (error) {
      outcome = { kind: 'wrong', why: error instanceof Error ? error.message : String(error) }
    }
    if (outcome.kind === 'wrong') await this.end()
    return { cause: cause.name, act: act.name, outcome, ms: Date.now() - startedMs }
  }

  /** Ends the network and the machines on it. */
  async end(): Promise<void> {
    const [world, here] = [this.#world, this.#here]
    this.#world = this.#here = undefined
    await world?.mend()
    await here?.leave()
    await world?.end()
  }

  async #try(cause: Cause, act: Act): Promise<Outcome> {
    const prospect = prospectOf(cause, act.needs)
    const pace = paceFor(prospect)
    const world = await this.#open()
    const here = await this.#writer(world, pace, act.savesSmall === true)
    await world.keepAlive(here)
    const seed = this.#seed++
    world.files.set('fresh', noise(2000, -seed))
    await here.write('fresh', world.files.get('fresh')!)
    await here.sync(AbortSignal.timeout(limitMs))
    await here.drive.connection.store.settle(AbortSignal.timeout(limitMs))
    const there = await answered(() => world.machine({ pace, readOnly: true }))
    const come: Machine[] = [there]
    const another = async (pace: Pace) => {
      const machine = await world.machine({ pace, readOnly: true })
      come.push(machine)
      return machine
    }
    const newcomer = () => another(pace)
    const stage: Stage = { world, cause, here, there, newcomer, prospect, seed }
    try {
      await there.drive.worktree.entries(there.drive.worktree.root)
      await act.before?.(stage)
      await cause.begin(world, here)
      const found = judged(await ended(act.during(stage)), prospect)
      const isIdle = found.kind === 'right' && cause.struck?.(world) === false
      const outcome: Outcome = isIdle ? { kind: 'idle' } : found
      if (cause.end) await cause.end(world)
      else await world.mend()
      if (outcome.kind === 'wrong') return outcome
      await act.after?.(stage)
      const wrong = await whatIsWrong(world.files, await another(paceFor('right')), here)
      return wrong === undefined ? outcome : { kind: 'wrong', why: wrong }
    } finally {
      for (const machine of come) await machine.leave()
    }
  }

  async #open(): Promise<World> {
    if (this.#world) return this.#world
    this.#world = await World.open(this.#sealed)
    await this.#world.furnish(paceFor('right'))
    return this.#world
  }

  /** The machine that writes; another one where it has another pace, or saves otherwise. */
  async #writer(world: World, pace: Pace, savesSmall: boolean): Promise<Machine> {
    const has = this.#here
    if (!has || has.pace !== pace || has.savesSmall !== savesSmall) {
      await has?.leave()
      this.#here = await answered(() => world.machine({ pace, savesSmall }))
    }
    const here = this.#here!
    await answered(() => here.makeRoom(AbortSignal.timeout(limitMs)))
    return here
  }
}

/** What does not end is wrong: whatever is asked of a drive has its deadline. */
async function ended(during: Promise<Outcome>): Promise<Outcome> {
  const over = new AbortController()
  const late = sleep(endMs, undefined, { signal: over.signal }).then((): Outcome => ({
    kind: 'wrong',
    why: `it hangs: no end after ${endMs} ms`,
  }))
  try {
    return await Promise.race([during, late])
  } finally {
    over.abort()
    late.catch(() => {})
  }
}

/** A cause that should have had an effect, and had none, tests nothing. */
function judged(outcome: Outcome, prospect: Prospect): Outcome {
  if (prospect === 'fails' && outcome.kind === 'right') {
    return { kind: 'wrong', why: 'the cause had no effect' }
  }
  if (prospect === 'right' && (outcome.kind === 'refused' || outcome.kind === 'waits')) {
    return { kind: 'wrong', why: `it should have gone right: ${outcome.why}` }
  }
  return outcome
}
