interface Flight<V> {
  readonly promise: Promise<V>
  readonly controller: AbortController
  waiters: number
}

/** Callers asking for the same thing share one piece of work, which is aborted when the last of them has gone. */
export class SharedFlight<K, V> {
  readonly #flights = new Map<K, Flight<V>>()

  /** The running work for this key, or a new one. Rejects with the signal's reason when that aborts first. */
  async run(key: K, work: (signal: AbortSignal) => Promise<V>, signal: AbortSignal): Promise<V> {
    signal.throwIfAborted()
    const { promise, reject } = Promise.withResolvers<never>()
    const abort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', abort)
    const flight = this.#flights.get(key) ?? this.#start(key, work)
    flight.waiters++
    try {
      return await Promise.race([flight.promise, promise])
    } finally {
      signal.removeEventListener('abort', abort)
      flight.waiters--
      if (flight.waiters === 0) this.#end(key, flight, signal.reason)
    }
  }

  #start(key: K, work: (signal: AbortSignal) => Promise<V>): Flight<V> {
    const controller = new AbortController()
    const promise = work(controller.signal)
    const flight: Flight<V> = { promise, controller, waiters: 0 }
    this.#flights.set(key, flight)
    void this.#forgetWhenDone(key, flight)
    return flight
  }

  async #forgetWhenDone(key: K, flight: Flight<V>): Promise<void> {
    await Promise.allSettled([flight.promise])
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }

  #end(key: K, flight: Flight<V>, reason: unknown): void {
    if (this.#flights.get(key) !== flight) return
    this.#flights.delete(key)
    flight.controller.abort(reason)
  }
}
