import { setImmediate } from 'node:timers/promises'

/** Long work on the main thread, cut into turns so that the kernel's requests are answered between them. */
export class TurnBudget {
  readonly #budgetMs: number
  #since = performance.now()

  constructor(budgetMs = 4) {
    this.#budgetMs = budgetMs
  }

  /** True when the turn has lasted long enough: `await next()` then. */
  get spent(): boolean {
    return performance.now() - this.#since >= this.#budgetMs
  }

  /** Lets everything else run, then begins a new turn. */
  async next(): Promise<void> {
    await setImmediate()
    this.#since = performance.now()
  }
}
