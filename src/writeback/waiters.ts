/** A wait for commits, told how it goes. */
interface Waiter {
  readonly ticket: number
  readonly resolve: () => void
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
        resolve: () => {
          signal.removeEventListener('abort', abort)
          resolve()
        },
      }
      signal.addEventListener('abort', abort, { once: true })
      this.#waiting.add(waiter)
    })
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
