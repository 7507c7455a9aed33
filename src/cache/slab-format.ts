import { crc32 } from 'node:zlib'

/** The bytes of a slab; README.md is the description. All numbers are little-endian. */
export const slabHeader = Buffer.from('WFSSLAB\x01', 'latin1')
/** Before each piece: u32 magic, u32 length, the hash, u32 crc32 of these, u32 0. */
export const frameHeaderBytes = 48
export const hashBytes = 32
/** Longer ones are no pieces. */
export const maxPieceBytes = 64 << 20
const frameMagic = 0x50534657
const indexMagic = Buffer.from('WFSINDX\x01', 'latin1')
const indexRowBytes = hashBytes + 8
export const trailerBytes = indexMagic.length + 16

/** One piece in a slab. */
export interface SlabEntry {
  readonly hash: Buffer
  /** Of the piece's first byte; its frame begins `frameHeaderBytes` before. */
  readonly position: number
  readonly length: number
}

/** Where a slab's index lies. */
export interface SlabTrailer {
  readonly position: number
  readonly bytes: number
  readonly checksum: number
}

/** Writes the frame header of a piece. */
export function putFrameHeader(into: Buffer, at: number, hash: Buffer, length: number): void {
  into.writeUInt32LE(frameMagic, at)
  into.writeUInt32LE(length, at + 4)
  hash.copy(into, at + 8, 0, hashBytes)
  into.writeUInt32LE(crc32(into.subarray(at, at + 40)), at + 40)
  into.writeUInt32LE(0, at + 44)
}

/** The length of the piece whose frame header lies here; undefined where none lies. */
export function frameLengthAt(bytes: Buffer, at: number): number | undefined {
  if (bytes.readUInt32LE(at) !== frameMagic) return undefined
  const length = bytes.readUInt32LE(at + 4)
  if (length > maxPieceBytes) return undefined
  return bytes.readUInt32LE(at + 40) === crc32(bytes.subarray(at, at + 40)) ? length : undefined
}

/** The hash in a frame header. A view. */
export function frameHashAt(bytes: Buffer, at: number): Buffer {
  return bytes.subarray(at + 8, at + 8 + hashBytes)
}

/** The index of a complete slab, to be written at `position`, its end. */
export function encodeIndex(entries: readonly SlabEntry[], position: number): Buffer {
  const rows = entries.length * indexRowBytes
  const bytes = Buffer.alloc(rows + trailerBytes)
  let at = 0
  for (const entry of entries) {
    entry.hash.copy(bytes, at, 0, hashBytes)
    bytes.writeUInt32LE(entry.position, at + hashBytes)
    bytes.writeUInt32LE(entry.length, at + hashBytes + 4)
    at += indexRowBytes
  }
  indexMagic.copy(bytes, at)
  bytes.writeUInt32LE(entries.length, at + 8)
  bytes.writeUInt32LE(position, at + 12)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, rows)), at + 16)
  bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 20)), at + 20)
  return bytes
}

/** The last bytes of a slab of this size; undefined when they are no trailer. */
export function decodeTrailer(bytes: Buffer, slabBytes: number): SlabTrailer | undefined {
  if (bytes.length !== trailerBytes || !bytes.subarray(0, 8).equals(indexMagic)) return undefined
  if (crc32(bytes.subarray(0, 20)) !== bytes.readUInt32LE(20)) return undefined
  const rows = bytes.readUInt32LE(8) * indexRowBytes
  const position = bytes.readUInt32LE(12)
  if (position + rows + trailerBytes !== slabBytes) return undefined
  return { position, bytes: rows, checksum: bytes.readUInt32LE(16) }
}

/** The entries of an index; undefined when it does not check. The hashes are views. */
export function decodeIndex(rows: Buffer, trailer: SlabTrailer): SlabEntry[] | undefined {
  if (crc32(rows) !== trailer.checksum) return undefined
  const entries: SlabEntry[] = []
  for (let at = 0; at < rows.length; at += indexRowBytes) {
    entries.push({
      hash: rows.subarray(at, at + hashBytes),
      position: rows.readUInt32LE(at + hashBytes),
      length: rows.readUInt32LE(at + hashBytes + 4),
    })
  }
  return entries
}
