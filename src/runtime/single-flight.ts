/** Callers asking for the same key at the same time share one answer. Nothing is kept after it. */
export class SingleFlight<K, V> {
  readonly #inFlight = new Map<K, Promise<V>>()

  /** The running work for this key, or a new one. */
  run(key: K, work: () => Promise<V>): Promise<V> {
    const running = this.#inFlight.get(key)
    if (running) return running
    const started = work().finally(() => this.#inFlight.delete(key))
    this.#inFlight.set(key, started)
    return started
  }
}
