/** A contribution to something that needs several. Failures are its own affair. */
export interface Contribution {
  /** After so many milliseconds another is started in its place, beside it. */
  readonly patienceMs: number
  go(signal: AbortSignal): Promise<void>
}

/**
 * Runs contributions, so many at a time, until there is enough or none is left; then aborts the rest. Rejects only
 * with the signal's reason.
 */
export async function gather(
  contributions: readonly Contribution[],
  width: number,
  enough: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  await new Gathering(contributions, width, enough, signal).run()
  signal.throwIfAborted()
}

class Gathering {
  readonly #contributions: readonly Contribution[]
  readonly #width: number
  readonly #enough: () => boolean
  readonly #signal: AbortSignal
  readonly #controller = new AbortController()
  readonly #done = Promise.withResolvers<void>()
  #next = 0
  /** Running and not late. */
  #active = 0
  #running = 0

  constructor(
    contributions: readonly Contribution[],
    width: number,
    enough: () => boolean,
    signal: AbortSignal,
  ) {
    this.#contributions = contributions
    this.#width = Math.max(width, 1)
    this.#enough = enough
    this.#signal = signal
  }

  async run(): Promise<void> {
    const abort = (): void => this.#done.resolve()
    this.#signal.addEventListener('abort', abort)
    this.#pump()
    await this.#done.promise
    this.#signal.removeEventListener('abort', abort)
    this.#controller.abort(this.#signal.reason)
  }

  #pump(): void {
    if (this.#signal.aborted || this.#enough()) return this.#done.resolve()
    while (this.#active < this.#width && this.#next < this.#contributions.length) {
      void this.#start(this.#contributions[this.#next++]!)
    }
    if (this.#running === 0) this.#done.resolve()
  }

  async #start(contribution: Contribution): Promise<void> {
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.#active--
      this.#pump()
    }, contribution.patienceMs)
    this.#active++
    this.#running++
    await contribution.go(this.#controller.signal).catch(() => {})
    clearTimeout(timer)
    this.#running--
    if (!late) this.#active--
    this.#pump()
  }
}
