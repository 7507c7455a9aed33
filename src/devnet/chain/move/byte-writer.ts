/** Grows as it is written to. Integers are little-endian. */
export class ByteWriter {
  #bytes: Uint8Array
  #length = 0

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  /** An unsigned integer in so many bytes. */
  integer(value: bigint, size: number): void {
    this.#reserve(size)
    let rest = value
    for (let i = 0; i < size; i += 4) {
      let word = Number(BigInt.asUintN(32, rest))
      for (let k = i; k < Math.min(i + 4, size); k++) {
        this.#bytes[this.#length++] = word & 255
        word >>>= 8
      }
      rest >>= 32n
    }
  }

  /** ULEB128. */
  count(value: number): void {
    let rest = value
    while (rest > 127) {
      this.byte((rest & 127) | 128)
      rest = Math.floor(rest / 128)
    }
    this.byte(rest)
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  /** Length, then bytes. */
  block(value: Uint8Array): void {
    this.count(value.length)
    this.bytes(value)
  }

  text(value: string): void {
    this.block(Buffer.from(value, 'utf8'))
  }

  /** `0x` and 64 hex digits. */
  address(value: string): void {
    this.bytes(Buffer.from(value.slice(2), 'hex'))
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + size))
    grown.set(this.#bytes)
    this.#bytes = grown
  }
}

/** Reads what a {@link ByteWriter} wrote. Every method throws a RangeError at the end of the bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get offset(): number {
    return this.#offset
  }

  get rest(): number {
    return this.#bytes.length - this.#offset
  }

  byte(): number {
    const at = this.#advance(1)
    return this.#bytes[at]!
  }

  integer(size: number): bigint {
    const at = this.#advance(size)
    let value = 0n
    for (let i = size; i > 0; i -= 4) {
      let word = 0
      const from = Math.max(0, i - 4)
      for (let k = i - 1; k >= from; k--) word = word * 256 + this.#bytes[at + k]!
      value = (value << BigInt(8 * (i - from))) | BigInt(word)
    }
    return value
  }

  /** ULEB128 of at most 32 bits, in its shortest form. */
  count(): number {
    let value = 0
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.byte()
      value += (byte & 127) * 2 ** shift
      if (byte < 128) {
        if (shift > 0 && byte === 0) break
        return value
      }
    }
    throw new RangeError('a length is not in its shortest form')
  }

  /** A view, not a copy. */
  bytes(size: number): Uint8Array {
    const at = this.#advance(size)
    return this.#bytes.subarray(at, at + size)
  }

  block(): Uint8Array {
    return this.bytes(this.count())
  }

  text(): string {
    return Buffer.from(this.block()).toString('utf8')
  }

  address(): string {
    return `0x${Buffer.from(this.bytes(32)).toString('hex')}`
  }

  #advance(size: number): number {
    const at = this.#offset
    if (at + size > this.#bytes.length) throw new RangeError('bytes end too early')
    this.#offset = at + size
    return at
  }
}
