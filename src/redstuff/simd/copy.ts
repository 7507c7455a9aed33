import { setImmediate } from 'node:timers/promises'

/** Bytes that are copied in one turn of the event loop: into memory not touched yet that can take a millisecond. */
const sliceBytes = 1 << 18

const { copy: copyBuffer } = Buffer.prototype

/**
 * Bytes [start, end) of `from` to place `at`. Use this wherever one of them is shared memory: there `set` copies byte by
 * byte, unless both lie alike to a word's boundary, and takes six times as long. `copy` does not, unless it is to copy
 * all of `from`, which it leaves to `set`. Throws a RangeError where either is too short, as `set` does.
 */
export function copyBytes(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
): void {
  if (start === end) return
  if (end > from.length || at + end - start > to.length) {
    throw new RangeError(`bytes ${start} to ${end} cannot be copied to ${at}: too short`)
  }
  const last = end - 1
  copyBuffer.call(from, to, at, start, last)
  to[at + last - start] = from[last]!
}

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
      const end = Math.min(done + sliceBytes, from.length)
      copyBytes(from, done, end, to, at + done)
      await this.copied(end - done)
    }
  }
}
