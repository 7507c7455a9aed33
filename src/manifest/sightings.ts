import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'

/** The highest sequence number that was seen of a manifest, kept by whoever wants to know it later. */
export interface Seen {
  readonly sequence: bigint
  saw(sequence: bigint): void
}

/** A full node shows an older manifest than was seen, and not for a moment only. */
export interface Rollback {
  readonly shown: bigint
  readonly seen: bigint
  /** Wall clock, ms. */
  readonly sinceMs: number
}

/** Full nodes behind one address are not all equally far: an older state is no reason for alarm before this. */
const alarmMs = 10_000
const alarmLooks = 3

/** Judges what a full node shows by what was seen before. */
export class Sightings {
  readonly #seen: Seen
  readonly #clock: Clock
  readonly #log: Log
  #behind: { sinceMs: number; looks: number; shown: bigint } | undefined
  #isAlarmed = false

  constructor(seen: Seen, clock: Clock, log: Log) {
    this.#seen = seen
    this.#clock = clock
    this.#log = log
  }

  get highest(): bigint {
    return this.#seen.sequence
  }

  /** What was shown last is older than what was seen. */
  get isBehind(): boolean {
    return this.#behind !== undefined
  }

  get rollback(): Rollback | undefined {
    if (!this.#behind || !this.#isAlarmed) return undefined
    const { shown, sinceMs } = this.#behind
    return { shown, sinceMs, seen: this.highest }
  }

  /** A state is shown. False where it is not to be believed. */
  shown(sequence: bigint): boolean {
    if (sequence >= this.highest) {
      if (this.#isAlarmed)
        this.#log.info('the full node has caught up', { sequence: String(sequence) })
      this.#behind = undefined
      this.#isAlarmed = false
      this.made(sequence)
      return true
    }
    const nowMs = this.#clock.now()
    this.#behind ??= { sinceMs: nowMs, looks: 0, shown: sequence }
    this.#behind.looks++
    this.#behind.shown = sequence
    const { looks, sinceMs } = this.#behind
    if (!this.#isAlarmed && looks >= alarmLooks && nowMs - sinceMs >= alarmMs) {
      this.#isAlarmed = true
      this.#log.error(rollbackText(sequence, this.highest))
    }
    return false
  }

  /** A change of ours made this state. */
  made(sequence: bigint): void {
    if (sequence > this.highest) this.#seen.saw(sequence)
  }
}

/** What a person is told. */
export function rollbackText(shown: bigint, seen: bigint): string {
  return `the full node shows the drive at sequence ${shown}, and ${seen} was seen here before: it is far behind, or it lies; the older state is not taken`
}
