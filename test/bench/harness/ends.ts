/** A bench's stand-in for a test: what is to be undone at its end, last things first. */
export class Ends {
  readonly #undo: (() => unknown)[] = []

  teardown(undo: () => unknown): void {
    this.#undo.push(undo)
  }

  /** Benches take as long as they take. */
  setTimeout(): void {}

  async run(): Promise<void> {
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) await undo()
  }
}
