import { systemClock, type Clock } from '../../src/runtime/clock.ts'

/** A clock that runs so many times as fast as the machine's. */
export class HastyClock implements Clock {
  readonly #startMs = systemClock.now()
  readonly #factor: number

  constructor(factor: number) {
    this.#factor = factor
  }

  now(): number {
    return this.#startMs + Math.round((systemClock.now() - this.#startMs) * this.#factor)
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return systemClock.sleep(ms / this.#factor, signal)
  }
}
