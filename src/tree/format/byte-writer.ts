const initialBytes = 1024

/** Bytes that grow. Numbers are whole and at most 2^53 − 1 away from zero. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(initialBytes)
  #length = 0

  get length(): number {
    return this.#length
  }

  u8(value: number): void {
    this.#room(1)
    this.#buffer[this.#length++] = value
  }

  /** Seven bits in a byte, the lowest first; the top bit says that more follow (LEB128). */
  varint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`no varint: ${value}`)
    this.#room(8)
    let rest = value
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) {
      this.#buffer[this.#length++] = (rest % 128) | 0x80
    }
    for (; rest > 127; rest >>>= 7) this.#buffer[this.#length++] = (rest & 127) | 0x80
    this.#buffer[this.#length++] = rest
  }

  /** A varint of 2n, or of −2n − 1 where n is negative. */
  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  /** As they are, with no length before them. */
  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** A string of bytes as they are. */
  latin1(text: string): void {
    this.#room(text.length)
    this.#length += this.#buffer.write(text, this.#length, 'latin1')
  }

  /** A length and so many bytes. */
  sized(bytes: Uint8Array): void {
    this.varint(bytes.length)
    this.bytes(bytes)
  }

  /** A length and a string of so many bytes. */
  text(text: string): void {
    this.varint(text.length)
    this.latin1(text)
  }

  /** The 32 bytes that 43 characters of base64url stand for. */
  digest(text: string): void {
    this.#room(36)
    const written = this.#buffer.write(text, this.#length, 'base64url')
    if (written !== 32) throw new RangeError(`no digest of 32 bytes: ${text}`)
    this.#length += written
  }

  /** A copy of what was written. */
  taken(): Uint8Array {
    return Buffer.from(this.#buffer.subarray(0, this.#length))
  }

  /** What was written, until the next write. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes))
    larger.set(this.view())
    this.#buffer = larger
  }
}
