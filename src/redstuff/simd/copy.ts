import { setImmediate } from 'node:timers/promises'

/** Bytes that are copied in one turn of the event loop: into memory not touched yet that can take a millisecond. */
const sliceBytes = 1 << 18

/** Cuts copying into turns of the event loop that are short. */
export class TurnTaker {
  #copied = 0
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** To be awaited after each copy of so many bytes, which is at most some 100 KiB or a slice of {@link copy}. */
  async copied(bytes: number): Promise<void> {
    this.#copied += bytes
    if (this.#copied < sliceBytes) return
    this.#copied = 0
    await setImmediate()
    this.#signal.throwIfAborted()
  }

  /** Copies bytes of any length. */
  async copy(from: Uint8Array, to: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < from.length; done += sliceBytes) {
      const slice = from.subarray(done, done + sliceBytes)
      to.set(slice, at + done)
      await this.copied(slice.length)
    }
  }
}
