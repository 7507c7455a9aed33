/** The bytes are not what the format says. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
}

/** Reads BCS values one after the other; throws {@link FormatError} at the end of the bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get rest(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    return this.bytes(1)[0]!
  }

  u16(): number {
    const [low, high] = this.bytes(2)
    return low! | (high! << 8)
  }

  /** A u64 that fits a number. */
  u64(): number {
    const bytes = this.bytes(8)
    const value = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new FormatError(`a length of ${value}`)
    return Number(value)
  }

  /** An unsigned LEB128 length of at most 32 bits, in its shortest form. */
  uleb(): number {
    let value = 0
    // Not in more bytes than 32 bits need: a factor without end would make a length that is no number.
    for (let factor = 1; factor <= 128 ** 4; factor *= 128) {
      const byte = this.u8()
      value += (byte & 127) * factor
      if (value > 0xffff_ffff) break
      if (byte === 0 && factor > 1) throw new FormatError('a length with a useless zero')
      if (byte < 128) return value
    }
    throw new FormatError('a length over 32 bits')
  }

  /** A view of the next bytes. */
  bytes(length: number): Uint8Array {
    if (length > this.rest) throw new FormatError(`${length} bytes wanted, ${this.rest} left`)
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** Nothing may follow. */
  end(): void {
    if (this.rest > 0) throw new FormatError(`${this.rest} bytes too many`)
  }
}
