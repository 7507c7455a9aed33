/**
 * Memory for slivers on their way, used again and again: megabytes of new memory for each cost page faults, and garbage
 * collections that hold up the event loop.
 */
export class SliverBuffers {
  readonly #limitBytes: number
  readonly #free: Uint8Array[] = []
  /** Bytes lent and free. */
  #bytes = 0

  /** What is free is dropped when more than `limitBytes` would exist at a time; what is lent is the borrower's affair. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** At least so many bytes, with whatever was in them. */
  take(bytes: number): Uint8Array {
    const fitting = this.#free.filter(({ length }) => length >= bytes)
    const least = fitting.toSorted((a, b) => a.length - b.length)[0]
    if (least !== undefined) {
      this.#free.splice(this.#free.indexOf(least), 1)
      return least
    }
    while (this.#bytes + bytes > this.#limitBytes && this.#free.length > 0) {
      this.lost(this.#free.pop()!)
    }
    this.#bytes += bytes
    return new Uint8Array(bytes)
  }

  /** Nobody uses it any more. */
  give(buffer: Uint8Array): void {
    this.#free.push(buffer)
  }

  /** It may still be in use somewhere: it is not lent again. */
  lost(buffer: Uint8Array): void {
    this.#bytes -= buffer.length
  }

  /** Lets go of what is not lent. */
  clear(): void {
    for (const buffer of this.#free.splice(0)) this.lost(buffer)
  }
}
