const maxIdleBytes = 64 << 20

/**
 * Buffers that are used again: slivers of a blob all have one of two lengths, and fresh memory of that size costs more than
 * filling it.
 */
export class BufferPool {
  readonly #idle = new Map<number, Buffer[]>()
  #idleBytes = 0

  /** A buffer of exactly this length, its content arbitrary. */
  take(bytes: number): Buffer {
    const buffer = this.#idle.get(bytes)?.pop()
    if (!buffer) return Buffer.allocUnsafeSlow(bytes)
    this.#idleBytes -= bytes
    return buffer
  }

  /** Gives a buffer back that nobody uses any more. */
  give(buffer: Buffer): void {
    if (this.#idleBytes + buffer.length > maxIdleBytes) this.#clear()
    const idle = this.#idle.get(buffer.length)
    if (idle) idle.push(buffer)
    else this.#idle.set(buffer.length, [buffer])
    this.#idleBytes += buffer.length
  }

  #clear(): void {
    this.#idle.clear()
    this.#idleBytes = 0
  }
}
