/** Whether the network may be used. Whoever would use it asks here first. */
export class NetworkSwitch {
  #offline: AbortController | undefined
  #online: AbortController

  constructor(isOffline = false) {
    this.#online = new AbortController()
    if (isOffline) this.set(true)
  }

  get isOffline(): boolean {
    return this.#offline !== undefined
  }

  /** Aborts when the network may no longer be used; already aborted where it may not. */
  get ends(): AbortSignal {
    return this.#online.signal
  }

  set(isOffline: boolean): void {
    if (isOffline === this.isOffline) return
    if (isOffline) {
      this.#offline = new AbortController()
      this.#online.abort(new Error('the drive is offline'))
      return
    }
    const was = this.#offline!
    this.#offline = undefined
    this.#online = new AbortController()
    was.abort()
  }

  /** Resolves when the network may be used. Rejects with the signal's reason. */
  async whenOnline(signal: AbortSignal): Promise<void> {
    while (this.#offline) {
      signal.throwIfAborted()
      const either = AbortSignal.any([signal, this.#offline.signal])
      await new Promise<void>((resolve) => {
        either.addEventListener('abort', () => resolve(), { once: true })
        if (either.aborted) resolve()
      })
    }
    signal.throwIfAborted()
  }
}
