/** Parts started in order, stopped in reverse. Every part gets its stop, even after one fails. */
export class Lifecycle {
  readonly #started: { readonly name: string; readonly close: () => Promise<void> }[] = []

  /** Starts a part and remembers how to end it. */
  async start<T>(name: string, open: () => Promise<readonly [T, () => Promise<void>]>): Promise<T> {
    const [part, close] = await open()
    this.#started.push({ name, close })
    return part
  }

  /** Ends all parts, the last one first. */
  async stop(report: (name: string, error: unknown) => void): Promise<void> {
    for (let part = this.#started.pop(); part; part = this.#started.pop()) {
      try {
        await part.close()
      } catch (error) {
        report(part.name, error)
      }
    }
  }
}
