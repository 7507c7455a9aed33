import type { StateStory } from './matrix.ts'

/** What came of the states of one cause. */
export interface Tally {
  readonly cause: string
  tried: number
  right: number
  /** Refused with an errno, and the reason in `status`. */
  refused: number
  /** Waited, with the reason in `status`, and was carried through when the cause had ended. */
  drained: number
  /** The cause did not come up: nothing asked for what it spoils. */
  idle: number
  /** How to see each again, and what was wrong. */
  readonly wrong: string[]
}

/** Counts stories by cause. */
export class Tallies {
  readonly #tallies = new Map<string, Tally>()

  add({ cause, act, outcome }: StateStory): void {
    let tally = this.#tallies.get(cause)
    if (!tally) {
      tally = { cause, tried: 0, right: 0, refused: 0, drained: 0, idle: 0, wrong: [] }
      this.#tallies.set(cause, tally)
    }
    tally.tried++
    switch (outcome.kind) {
      case 'right':
        tally.right++
        break
      case 'refused':
        tally.refused++
        break
      case 'waits':
        tally.drained++
        break
      case 'idle':
        tally.idle++
        break
      case 'wrong':
        tally.wrong.push(`${act} while ${cause}: ${outcome.why}`)
    }
  }

  get all(): Tally[] {
    return [...this.#tallies.values()]
  }

  get sum(): Omit<Tally, 'cause'> {
    const { all } = this
    const total = (of: (tally: Tally) => number): number =>
      all.reduce((sum, tally) => sum + of(tally), 0)
    return {
      tried: total(({ tried }) => tried),
      right: total(({ right }) => right),
      refused: total(({ refused }) => refused),
      drained: total(({ drained }) => drained),
      idle: total(({ idle }) => idle),
      wrong: all.flatMap(({ wrong }) => wrong),
    }
  }
}
