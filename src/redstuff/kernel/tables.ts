import { multiply } from '../field.ts'

/** Bytes of a general factor's tables, and of a subfield factor's. */
export const generalEntryBytes = 128
const subfieldEntryBytes = 32
export const basisTableBytes = 32
export const subfieldTableBytes: number = 256 * subfieldEntryBytes

/** p(y): the low byte of 256 · y for y < 256; the high byte is y. */
function towerByte(y: number): number {
  return multiply(256, y) & 255
}

const towerBytes: Uint8Array = Uint8Array.from({ length: 256 }, (_, y) => towerByte(y))

/** The 16 images of nibbles under a linear map, from those of its four bits. */
function fillNibbles(table: Uint8Array, at: number, images: readonly number[]): void {
  for (let nibble = 0; nibble < 16; nibble++) {
    let image = 0
    for (let bit = 0; bit < 4; bit++) if ((nibble >> bit) & 1) image ^= images[bit]!
    table[at + nibble] = image
  }
}

/** Two nibble tables of a linear map of bytes. */
function fillByteMap(table: Uint8Array, at: number, map: (byte: number) => number): void {
  for (const [half, shift] of [
    [0, 0],
    [16, 4],
  ] as const) {
    const images = [0, 1, 2, 3].map((bit) => map(1 << (bit + shift)))
    fillNibbles(table, at + half, images)
  }
}

/** Writes the 128 bytes by which the kernel multiplies X + 256 · Y with any factor. */
export function writeGeneralEntry(table: Uint8Array, at: number, factor: number): void {
  for (const [half, value] of [
    [0, (bit: number) => bit],
    [64, (bit: number) => (bit << 8) | towerBytes[bit]!],
  ] as const) {
    const image = (byte: number): number => multiply(factor, value(byte))
    fillByteMap(table, at + half, (byte) => (image(byte) & 255) ^ towerBytes[image(byte) >> 8]!)
    fillByteMap(table, at + half + 32, (byte) => image(byte) >> 8)
  }
}

/** The tables of p. */
export function basisTable(): Uint8Array {
  const table = new Uint8Array(basisTableBytes)
  fillByteMap(table, 0, (byte) => towerBytes[byte]!)
  return table
}

/** The tables of all factors below 256. */
export function subfieldTable(): Uint8Array {
  const table = new Uint8Array(subfieldTableBytes)
  for (let factor = 0; factor < 256; factor++) {
    fillByteMap(table, factor * subfieldEntryBytes, (byte) => multiply(factor, byte))
  }
  return table
}

/** The tables of all even factors below `end`: entry t/2 belongs to factor t. Those below 256 are left empty. */
export function generalTable(end: number): Uint8Array {
  const table = new Uint8Array((end / 2) * generalEntryBytes)
  for (let factor = 256; factor < end; factor += 2) {
    writeGeneralEntry(table, (factor / 2) * generalEntryBytes, factor)
  }
  return table
}
