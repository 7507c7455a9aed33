import type { Clock } from '../runtime/clock.ts'

/** When changes are written back. */
export interface ScheduleOptions {
  /** The oldest change waits at most this long. */
  readonly delayMs: number
  /** So many new bytes are reason enough. */
  readonly bytes: number
}

/** Knows since when something is dirty, and wakes the write-back when it is due. Holds no work itself. */
export class Schedule {
  readonly #clock: Clock
  readonly #options: ScheduleOptions
  #oldestMs: number | undefined
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
    this.#oldestMs ??= this.#clock.now()
    this.#bytes += bytes
    if (this.#bytes >= this.#options.bytes) this.#wake?.()
  }

  /** A commit takes all changes so far. Returns since when the oldest waited, for `restore`. */
  taken(): number | undefined {
    const oldest = this.#oldestMs
    this.#oldestMs = undefined
    this.#bytes = 0
    this.#urgent = false
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

  /** Whether it is time for a commit. */
  get isDue(): boolean {
    return this.#leftMs() <= 0
  }

  /** Resolves when a commit is due, or something else is to be done; ends with the signal's reason. */
  async due(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const leftMs = this.#nudged ? 0 : this.#leftMs()
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

  #leftMs(): number {
    if (this.#urgent || this.#bytes >= this.#options.bytes) return 0
    if (this.#oldestMs === undefined) return Infinity
    return this.#oldestMs + this.#options.delayMs - this.#clock.now()
  }
}

const wakened = new Error('woken')
