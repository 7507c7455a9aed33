import { damaged } from '../format-error.ts'

/** Reads what ByteWriter wrote, and refuses (FormatError) whatever it would not have written. */
export class ByteReader {
  readonly #buffer: Buffer
  #position: number
  readonly #end: number

  constructor(bytes: Uint8Array, position = 0, end: number = bytes.length) {
    this.#buffer = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#position = position
    this.#end = end
  }

  get position(): number {
    return this.#position
  }

  get remaining(): number {
    return this.#end - this.#position
  }

  u8(): number {
    return this.#buffer[this.#advance(1)]!
  }

  varint(): number {
    let value = 0
    let factor = 1
    for (let i = 0; i < 8; i++) {
      const byte = this.u8()
      value += (byte & 127) * factor
      if (byte < 128) {
        if (byte === 0 && i > 0) throw damaged('a number is written longer than it is')
        if (value > Number.MAX_SAFE_INTEGER) break
        return value
      }
      factor *= 128
    }
    throw damaged('a number is above 2^53')
  }

  /** A varint of at most `limit`. */
  limited(limit: number, what: string): number {
    const value = this.varint()
    if (value > limit) throw damaged(`${what} is ${value}, more than ${limit}`)
    return value
  }

  signed(): number {
    const value = this.varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    const start = this.#advance(length)
    return this.#buffer.subarray(start, start + length)
  }

  latin1(length: number): string {
    const start = this.#advance(length)
    return this.#buffer.toString('latin1', start, start + length)
  }

  sized(limit: number, what: string): Uint8Array {
    return this.bytes(this.limited(limit, `the length of ${what}`))
  }

  text(limit: number, what: string): string {
    return this.latin1(this.limited(limit, `the length of ${what}`))
  }

  digest(): string {
    const start = this.#advance(32)
    return this.#buffer.toString('base64url', start, start + 32)
  }

  skip(length: number): void {
    this.#advance(length)
  }

  /** Throws where bytes are left. */
  end(what: string): void {
    if (this.remaining > 0) throw damaged(`${what} is followed by ${this.remaining} bytes too many`)
  }

  #advance(length: number): number {
    const start = this.#position
    if (length > this.#end - start) throw damaged('the bytes end too early')
    this.#position = start + length
    return start
  }
}
