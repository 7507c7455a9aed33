/** After so long without a sliver coming or going what is free is let go of: the next pack of a commit comes sooner. */
const idleMs = 5000

/**
 * Memory for slivers on their way, used again and again: megabytes of new memory for each cost page faults, and garbage
 * collections that hold up the event loop.
 */
export class SliverBuffers {
  readonly #limitBytes: number
  readonly #idleMs: number
  readonly #free: Uint8Array[] = []
  /** Bytes lent and free. */
  #bytes = 0
  #largest = 0
  #timer: NodeJS.Timeout | undefined

  /** What is free is dropped when more than `limitBytes` would exist at a time; what is lent is the borrower's affair. */
  constructor(limitBytes: number, idle: number = idleMs) {
    this.#limitBytes = limitBytes
    this.#idleMs = idle
  }

  /** At least so many bytes, with whatever was in them. */
  take(bytes: number): Uint8Array {
    const fitting = this.#free.filter(({ length }) => length >= bytes)
    const least = fitting.toSorted((a, b) => a.length - b.length)[0]
    if (least !== undefined) {
      this.#free.splice(this.#free.indexOf(least), 1)
      return least
    }
    const room = this.#roomFor(bytes)
    while (this.#bytes + room > this.#limitBytes && this.#free.length > 0) {
      this.#bytes -= this.#free.pop()!.length
    }
    this.#bytes += room
    return new Uint8Array(room)
  }

  /** Nobody uses it any more. */
  give(buffer: Uint8Array): void {
    this.#free.push(buffer)
    this.#rest()
  }

  /** It may still be in use somewhere: it is not lent again. */
  lost(buffer: Uint8Array): void {
    this.#bytes -= buffer.length
    this.#rest()
  }

  /** Lets go of what is free. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const { length } of this.#free.splice(0)) this.#bytes -= length
    this.#largest = 0
  }

  /** A blob's primary slivers are up to twice as long as its secondary ones: each kind's memory is to serve both. */
  #roomFor(bytes: number): number {
    this.#largest = Math.max(this.#largest, bytes)
    return 2 * bytes >= this.#largest ? this.#largest : bytes
  }

  #rest(): void {
    this.#timer ??= setTimeout(() => this.clear(), this.#idleMs).unref()
    this.#timer.refresh()
  }
}
