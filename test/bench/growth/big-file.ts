import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { knownBytes } from './known-bytes.ts'

const megabyte = 1 << 20
/** Random reads begin at multiples of this. */
const sampleAlignment = 4096

/** Writes a file of known bytes, a megabyte at a time. */
export function writeKnown(path: string, bytes: number): void {
  const fd = openSync(path, 'w')
  try {
    for (let at = 0; at < bytes; at += megabyte) {
      writeAt(fd, at, Math.min(megabyte, bytes - at))
    }
  } finally {
    closeSync(fd)
  }
}

/** Writes known bytes into an open file. */
export function writeAt(fd: number, offset: number, length: number): void {
  const bytes = knownBytes(offset, length)
  if (writeSync(fd, bytes, 0, length, offset) !== length) throw new Error('a short write')
}

/** Reads [from, from + length) through; throws where the bytes are not the known ones. */
export function readKnown(path: string, from: number, length: number): void {
  const fd = openSync(path, 'r')
  try {
    for (let at = from; at < from + length; at += megabyte) {
      checkAt(fd, at, Math.min(megabyte, from + length - at))
    }
  } finally {
    closeSync(fd)
  }
}

/** Reads one range; throws where the bytes are not the known ones. */
export function checkAt(fd: number, offset: number, length: number): void {
  const found = Buffer.alloc(length)
  const got = readSync(fd, found, 0, length, offset)
  if (got !== length || !found.equals(knownBytes(offset, length))) {
    throw new Error(`wrong bytes at ${offset}: ${got} of ${length} read`)
  }
}

/** Offsets all over a file, the same ones each time, each with room for `length` bytes behind it. */
export function sampledOffsets(bytes: number, length: number, count: number): number[] {
  const places = Math.max(1, Math.floor((bytes - length) / sampleAlignment) + 1)
  // Steps of the golden ratio cover a range evenly, in an order that no read-ahead expects.
  return Array.from({ length: count }, (_, i) => {
    return Math.floor(((i * 0.618_033_988_75) % 1) * places) * sampleAlignment
  })
}
