import { createHash } from 'node:crypto'
import { secretBytes } from './slot-kinds.ts'

/** Crockford's base 32: no I, L, O, U. */
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const sumBytes = 3
const groupDigits = 4
const digitBits = 5
const textDigits = ((secretBytes + sumBytes) * 8) / digitBits

/** A secret of 32 bytes for paper: 14 groups of four, the last of which let a slip of the pen be found. */
export function secretText(secret: Uint8Array): string {
  const bytes = Buffer.concat([secret, sumOf(secret)])
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  const text = [...chunks(bits, digitBits)].map((five) => digits[Number.parseInt(five, 2)])
  return [...chunks(text.join(''), groupDigits)].join('-')
}

/** The inverse, however it is grouped or cased; undefined for what is no such text, or was copied with a mistake. */
export function secretFromText(text: string): Uint8Array | undefined {
  const plain = text.toUpperCase().replaceAll(/[\s-]/g, '')
  const meant = plain.replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  if (meant.length !== textDigits) return undefined
  let bits = ''
  for (const digit of meant) {
    const value = digits.indexOf(digit)
    if (value < 0) return undefined
    bits += value.toString(2).padStart(digitBits, '0')
  }
  const bytes = Buffer.from([...chunks(bits, 8)].map((eight) => Number.parseInt(eight, 2)))
  const secret = bytes.subarray(0, secretBytes)
  return sumOf(secret).equals(bytes.subarray(secretBytes)) ? secret : undefined
}

function sumOf(secret: Uint8Array): Buffer {
  return createHash('sha256').update('walrusfs secret 1').update(secret).digest().subarray(0, 3)
}

function* chunks(text: string, length: number): Iterable<string> {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length)
}
