import type { Clock } from '../runtime/clock.ts'

/** When changes are written back. */
export interface ScheduleOptions {
  /** The oldest change waits at most this long. */
  readonly delayMs: number
  /** So many new bytes are reason enough. */
  readonly bytes: number
  /** Small changes wait until nothing was changed for so long; undefined: like others. */
  readonly smallDelayMs?: number | undefined
}

/** Knows since when something is dirty, and wakes the write-back when it is due. Holds no work itself. */
export class Schedule {
  readonly #clock: Clock
  readonly #options: ScheduleOptions
  #oldestMs: number | undefined
  #lastMs = 0
  #takenMs = -Infinity
  #isLarge = false
  #bytes = 0
  #urgent = false
  #nudged = false
  #wake: (() => void) | undefined

  constructor(clock: Clock, options: ScheduleOptions) {
    this.#clock = clock
    this.#options = options
  }

  /** When the oldest change was made that no commit has taken. */
  get oldestMs(): number | undefined {
    return this.#oldestMs
  }

  /** A change was made; `bytes` of it are new data. */
  changed(bytes: number): void {
    const isFirst = this.#oldestMs === undefined
    this.#lastMs = this.#clock.now()
    this.#oldestMs ??= this.#lastMs
    this.#bytes += bytes
    if (isFirst || this.#bytes >= this.#options.bytes) this.#wake?.()
  }

  /** A commit takes all changes so far. Returns since when the oldest waited, for `restore`. */
  taken(): number | undefined {
    const oldest = this.#oldestMs
    this.#oldestMs = undefined
    this.#bytes = 0
    this.#urgent = false
    this.#isLarge = false
    if (oldest !== undefined) this.#takenMs = this.#clock.now()
    return oldest
  }

  /** The commit was given up: its changes are waiting again. */
  restore(oldestMs: number | undefined): void {
    this.#oldestMs = oldestMs ?? this.#oldestMs
  }

  /** Somebody waits for a commit, or space is short: due at once. */
  hurry(): void {
    this.#urgent = true
    this.#wake?.()
  }

  /** There is something else to do than a commit: `due` resolves once. */
  nudge(): void {
    this.#nudged = true
    this.#wake?.()
  }

  /** What waits is no small change: it waits for its commit. */
  tooLarge(): void {
    this.#isLarge = true
  }

  /** Whether it is time for a small change. */
  get isSmallDue(): boolean {
    return this.#smallLeftMs() <= 0
  }

  /** Whether it is time for a commit. */
  get isDue(): boolean {
    return this.#leftMs() <= 0
  }

  /** Resolves when a commit is due, or something else is to be done; ends with the signal's reason. */
  async due(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const leftMs = this.#nudged ? 0 : Math.min(this.#leftMs(), this.#smallLeftMs())
      this.#nudged = false
      if (leftMs <= 0) return
      const woken = new AbortController()
      this.#wake = () => woken.abort(wakened)
      const either = AbortSignal.any([signal, woken.signal])
      await this.#clock.sleep(Math.min(leftMs, 1000), either).catch((error: unknown) => {
        if (error !== wakened) throw error
      })
      this.#wake = undefined
    }
  }

  /** While changes go on they wait; a row of them is stored at half the pace. */
  #smallLeftMs(): number {
    const { smallDelayMs } = this.#options
    if (smallDelayMs === undefined || this.#isLarge || this.#oldestMs === undefined) return Infinity
    const quietMs = this.#lastMs + smallDelayMs
    return Math.max(quietMs, this.#takenMs + 2 * smallDelayMs) - this.#clock.now()
  }

  #leftMs(): number {
    if (this.#urgent || this.#bytes >= this.#options.bytes) return 0
    if (this.#oldestMs === undefined) return Infinity
    return this.#oldestMs + this.#options.delayMs - this.#clock.now()
  }
}

const wakened = new Error('woken')
