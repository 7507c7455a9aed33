import type { Clock } from './clock.ts'

/** So much of a second may go at once after a pause. */
const burstSeconds = 0.5
const longestSleepMs = 500

/**
 * Bytes one way, no more a second than the rate on average: a token bucket. Whoever comes first goes first. A transfer begins when the
 * bucket is not in debt, and is then charged as a whole.
 */
export class Flow {
  readonly #rate: () => number | undefined
  readonly #clock: Clock
  #tokens = 0
  #atMs: number
  #waiting = 0
  /** Charged ahead, and not yet used. */
  #ahead = 0
  #row: Promise<void> = Promise.resolve()

  /** `rate`: bytes a second now; undefined: no limit. */
  constructor(rate: () => number | undefined, clock: Clock) {
    this.#rate = rate
    this.#clock = clock
    this.#atMs = clock.now()
  }

  /** There is a limit now. */
  get isLimited(): boolean {
    return this.#rate() !== undefined
  }

  /** Waits for its turn to transfer so many bytes. Rejects with the signal's reason. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    if (!this.isLimited && this.#waiting === 0) return
    this.#waiting += bytes
    const before = this.#row
    const mine = Promise.withResolvers<void>()
    this.#row = mine.promise
    try {
      await before
      await this.#whenFree(signal)
      this.#tokens -= bytes
    } finally {
      this.#waiting -= bytes
      mine.resolve()
    }
  }

  /** The same for bytes of which a part may be there already: `used` says what really came. */
  async takeAhead(bytes: number, signal: AbortSignal): Promise<void> {
    await this.take(bytes, signal)
    if (this.isLimited) this.#ahead += bytes
  }

  /** So many bytes were transferred: what was not charged ahead is charged now. */
  used(bytes: number): void {
    if (!this.isLimited) return
    const charged = Math.min(this.#ahead, bytes)
    this.#ahead -= charged
    this.#tokens -= bytes - charged
  }

  /** About how long so many bytes more take from now on, milliseconds. */
  waitMs(bytes: number): number {
    const rate = this.#refill()
    if (rate === undefined) return 0
    return ((this.#waiting + bytes - Math.min(0, this.#tokens)) / rate) * 1000
  }

  async #whenFree(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const rate = this.#refill()
      if (rate === undefined || this.#tokens >= 0) return
      // In parts: the rate may be another before it is over.
      await this.#clock.sleep(Math.min(longestSleepMs, (-this.#tokens / rate) * 1000 + 1), signal)
    }
  }

  #refill(): number | undefined {
    const [rate, now] = [this.#rate(), this.#clock.now()]
    const seconds = Math.max(0, now - this.#atMs) / 1000
    this.#atMs = now
    if (rate === undefined) {
      this.#tokens = 0
      this.#ahead = 0
    } else this.#tokens = Math.min(rate * burstSeconds, this.#tokens + rate * seconds)
    return rate
  }
}
