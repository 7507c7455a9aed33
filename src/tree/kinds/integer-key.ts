import { damaged } from '../format-error.ts'

const keyBytes = 8

/** A number as 8 bytes, the highest first: keys in the order of their numbers. */
export function integerKey(value: number): string {
  const bytes = Buffer.allocUnsafe(keyBytes)
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), 0)
  bytes.writeUInt32BE(value % 2 ** 32, 4)
  return bytes.toString('latin1')
}

/** The number of such a key. Throws FormatError where it is none, or above 2^53. */
export function integerOfKey(key: string): number {
  if (key.length !== keyBytes) throw damaged(`a number as key has ${key.length} bytes`)
  const bytes = Buffer.from(key, 'latin1')
  const value = bytes.readUInt32BE(0) * 2 ** 32 + bytes.readUInt32BE(4)
  if (!Number.isSafeInteger(value)) throw damaged('a number as key is above 2^53')
  return value
}
