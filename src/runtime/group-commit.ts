/** Callers that arrive while a commit runs share the next one; those of one turn share one. */
export class GroupCommit {
  readonly #commit: () => Promise<void>
  #waiting: Promise<void> | undefined
  #running: Promise<void> | undefined

  constructor(commit: () => Promise<void>) {
    this.#commit = commit
  }

  /** Resolves when a commit that began after this call has ended; rejects with its error. */
  run(): Promise<void> {
    return (this.#waiting ??= this.#begin(this.#running))
  }

  async #begin(before: Promise<void> | undefined): Promise<void> {
    try {
      await before
    } catch {
      // Those who waited for it have been told; this commit is another one.
    }
    this.#running = this.#waiting
    this.#waiting = undefined
    await this.#commit()
  }
}
