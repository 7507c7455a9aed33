interface Waiter {
  readonly bytes: number
  readonly admit: () => void
}

/**
 * So many bytes may be in use at a time; who wants more waits in line. More than all of it is let in alone.
 */
export class ByteBudget {
  readonly #total: number
  #used = 0
  readonly #line: Waiter[] = []

  constructor(total: number) {
    this.#total = total
  }

  get used(): number {
    return this.#used
  }

  /** Somebody waits. */
  get wanted(): boolean {
    return this.#line.length > 0
  }

  /** Takes bytes if they are to be had at once. */
  tryTake(bytes: number): boolean {
    if (this.#line.length > 0 || !this.#fits(bytes)) return false
    this.#used += bytes
    return true
  }

  /** Waits for its turn; rejects with the signal's reason. Every take needs a {@link give}. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.tryTake(bytes)) return
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        this.#line.splice(this.#line.indexOf(waiter), 1)
        reject(signal.reason as Error)
        this.#admit()
      }
      const admit = (): void => {
        signal.removeEventListener('abort', abort)
        resolve()
      }
      const waiter = { bytes, admit }
      signal.addEventListener('abort', abort)
      this.#line.push(waiter)
    })
  }

  give(bytes: number): void {
    this.#used -= bytes
    this.#admit()
  }

  #admit(): void {
    for (let first = this.#line[0]; first && this.#fits(first.bytes); first = this.#line[0]) {
      this.#line.shift()
      this.#used += first.bytes
      first.admit()
    }
  }

  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.#total
  }
}
