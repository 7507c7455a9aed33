/** Bytes of a length in unsigned LEB128. */
export function ulebBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

/** Writes BCS values one after the other into bytes of the right length, its own or given ones. */
export class ByteWriter {
  readonly bytes: Uint8Array
  #at = 0

  constructor(room: number | Uint8Array) {
    this.bytes = typeof room === 'number' ? new Uint8Array(room) : room
  }

  u8(value: number): void {
    this.bytes[this.#at++] = value
  }

  u16(value: number): void {
    this.u8(value & 255)
    this.u8(value >> 8)
  }

  u64(value: number): void {
    for (let rest = value, k = 0; k < 8; k++, rest = Math.floor(rest / 256)) this.u8(rest % 256)
  }

  uleb(value: number): void {
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.u8((rest % 128) | 128)
    this.u8(rest)
  }

  put(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** A view of the next `length` bytes, to be filled by the caller. */
  reserve(length: number): Uint8Array {
    this.#at += length
    return this.bytes.subarray(this.#at - length, this.#at)
  }
}
