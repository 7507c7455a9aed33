/** Lets many be at it at once, or one be alone, who comes first. */
export class Calm {
  #inside = 0
  #demands = 0
  readonly #waiting: (() => void)[] = []

  /** Waits while somebody wants calm. Resolves with what ends it. */
  async disturb(): Promise<() => void> {
    while (this.#demands > 0) await this.#change()
    this.#inside++
    return () => {
      this.#inside--
      this.#changed()
    }
  }

  /** Waits till nobody disturbs, and keeps it so till what it resolves with is called. */
  async demand(): Promise<() => void> {
    this.#demands++
    while (this.#inside > 0) await this.#change()
    return () => {
      this.#demands--
      this.#changed()
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
