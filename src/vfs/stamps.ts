import type { Clock } from '../runtime/clock.ts'
import type { Timestamp } from '../tree/time.ts'

const nsecPerMs = 1_000_000

/**
 * The times of changes. The clock counts milliseconds; changes within one get growing nanoseconds, so that a later
 * change never looks simultaneous with an earlier one (make, rsync and git compare times).
 */
export class Stamps {
  readonly #clock: Clock
  #lastMs = Number.NaN
  #ticks = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  next(): Timestamp {
    const ms = Math.floor(this.#clock.now())
    this.#ticks = ms === this.#lastMs ? Math.min(this.#ticks + 1, nsecPerMs - 1) : 0
    this.#lastMs = ms
    const sec = Math.floor(ms / 1000)
    return { sec, nsec: (ms - sec * 1000) * nsecPerMs + this.#ticks }
  }
}

export function isSameTime(a: Timestamp, b: Timestamp): boolean {
  return a.sec === b.sec && a.nsec === b.nsec
}

/** Whether a time is before another. */
export function isBefore(a: Timestamp, b: Timestamp): boolean {
  return a.sec < b.sec || (a.sec === b.sec && a.nsec < b.nsec)
}
