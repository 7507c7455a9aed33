/** A wait for commits, told how it goes. */
interface Waiter {
  readonly ticket: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Those who wait until so many commits are done. */
export class Waiters {
  readonly #waiting = new Set<Waiter>()

  /** Resolves when `wake` reaches the ticket; rejects with the signal's reason. */
  wait(ticket: number, signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(waiter)
        reject(signal.reason as Error)
      }
      const waiter: Waiter = {
        ticket,
        reject: (error) => {
          this.#waiting.delete(waiter)
          signal.removeEventListener('abort', abort)
          reject(error)
        },
        resolve: () => {
          signal.removeEventListener('abort', abort)
          resolve()
        },
      }
      signal.addEventListener('abort', abort, { once: true })
      this.#waiting.add(waiter)
    })
  }

  /** Nobody is to wait for what a person has to decide. */
  fail(error: Error): void {
    for (const waiter of this.#waiting) waiter.reject(error)
  }

  /** So many are done. */
  wake(reached: number): void {
    for (const waiter of this.#waiting) {
      if (waiter.ticket > reached) continue
      this.#waiting.delete(waiter)
      waiter.resolve()
    }
  }
}
