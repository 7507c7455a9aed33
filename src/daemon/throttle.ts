/** Lets writers wait while too much is only here. */
export class Throttle {
  readonly #bytes: () => number
  readonly #limit: number
  #below: Promise<void> | undefined

  /** `bytes` says how much is only here now. */
  constructor(bytes: () => number, limit: number) {
    this.#bytes = bytes
    this.#limit = limit
  }

  /** Nothing, or a promise for room; asked before each write. */
  readonly wait = (): Promise<void> | undefined => {
    if (this.#bytes() < this.#limit) return undefined
    return (this.#below ??= this.#untilBelow())
  }

  async #untilBelow(): Promise<void> {
    while (this.#bytes() >= this.#limit) await new Promise((resolve) => setTimeout(resolve, 50))
    this.#below = undefined
  }
}
