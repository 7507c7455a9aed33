import { ListingError } from './listing.ts'

/** Reads BCS that strangers wrote: nothing is made that is longer than the input. Throws ListingError. */
export class BcsReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    return this.#take(1).readUInt8()
  }

  u16(): number {
    return this.#take(2).readUInt16LE()
  }

  u32(): number {
    return this.#take(4).readUInt32LE()
  }

  u64(): bigint {
    return this.#take(8).readBigUInt64LE()
  }

  /** The little-endian bytes of a u256. */
  u256(): Uint8Array {
    return Uint8Array.from(this.#take(32))
  }

  /** How many elements follow, of which each has at least so many bytes. */
  count(leastBytes: number): number {
    const count = this.#length()
    if (count * leastBytes > this.left)
      throw new ListingError('more elements than there is room for')
    return count
  }

  /** A text, with a byte for each character. */
  text(): string {
    return this.#take(this.#length()).toString('latin1')
  }

  /** A text of so many bytes. */
  textOf(length: number): string {
    return this.#take(length).toString('latin1')
  }

  pairs(): (readonly [string, string])[] {
    return Array.from({ length: this.count(2) }, () => [this.text(), this.text()] as const)
  }

  option<T>(read: () => T): T | undefined {
    const tag = this.u8()
    if (tag > 1) throw new ListingError(`an option with tag ${tag}`)
    return tag === 1 ? read() : undefined
  }

  end(): void {
    if (this.left > 0) throw new ListingError(`${this.left} bytes too many`)
  }

  #length(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8()
      value += (byte & 0x7f) * 2 ** shift
      if ((byte & 0x80) === 0) return value
    }
    throw new ListingError('a length that is too long')
  }

  #take(length: number): Buffer {
    if (length > this.left) throw new ListingError('it ends too soon')
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return bytes
  }
}
