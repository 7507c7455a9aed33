import { setImmediate } from 'node:timers/promises'

/** No longer than this may the thread that answers the kernel be held up. */
const turnMs = 3

/** Long work that lets others go first every few milliseconds. */
export class Pace {
  #since = performance.now()

  /** A promise for the next turn when this one has lasted long enough. */
  next(): Promise<void> | undefined {
    if (performance.now() - this.#since < turnMs) return undefined
    return setImmediate().then(() => {
      this.#since = performance.now()
    })
  }
}
