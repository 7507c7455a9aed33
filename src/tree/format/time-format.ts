import { damaged } from '../format-error.ts'
import type { Timestamp } from '../time.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'

/** `signed` seconds, varint nanoseconds. */
export function writeTime(out: ByteWriter, sec: number, nsec: number): void {
  out.signed(sec)
  out.varint(nsec)
}

export function readTime(input: ByteReader): Timestamp {
  const sec = input.signed()
  const nsec = input.varint()
  if (nsec > 999_999_999) throw damaged(`a time has ${nsec} nanoseconds`)
  return { sec, nsec }
}
