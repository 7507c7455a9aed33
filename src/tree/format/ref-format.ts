import type { BlobId } from '../../terms/blob-id.ts'
import { Compression, Seal } from '../../terms/piece-coding.ts'
import type { PieceHash } from '../../terms/piece-hash.ts'
import { damaged, FormatError } from '../format-error.ts'
import { maxPieceBytes } from '../piece-ref.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'

/** How the blobs that references lie in are written: by their place in a table, or as they are. */
export interface BlobWriter {
  /** Extents may show slices: in a journal, never in a blob. */
  readonly allowsSlices: boolean
  writeBlob(out: ByteWriter, ref: PieceRef): void
}

export interface BlobReader {
  readonly allowsSlices: boolean
  readBlob(input: ByteReader): BlobId
}

/** Blob ids as their 32 bytes. */
export const absoluteBlobs: BlobWriter & BlobReader = {
  allowsSlices: true,
  writeBlob: (out, ref) => out.digest(ref.blob),
  readBlob: (input) => input.digest() as BlobId,
}

/** The blob, varint offset, and what `writePieceBody` writes. */
export function writeRef(out: ByteWriter, blobs: BlobWriter, ref: PieceRef): void {
  blobs.writeBlob(out, ref)
  out.varint(ref.offset)
  writePieceBody(out, ref)
}

export function readRef(input: ByteReader, blobs: BlobReader): PieceRef {
  const blob = blobs.readBlob(input)
  return readPieceBody(input, blob, input.varint())
}

/**
 * varint stored length; a byte with the compression in its low and the seal in its high half; where that is not 0, varint
 * plain length; 32 bytes hash.
 */
export function writePieceBody(out: ByteWriter, ref: PieceRef): void {
  const coding = ref.compression | (ref.seal << 4)
  out.varint(ref.storedLength)
  out.u8(coding)
  if (coding !== 0) out.varint(ref.length)
  out.digest(ref.hash)
}

export function readPieceBody(input: ByteReader, blob: BlobId, offset: number): PieceRef {
  const storedLength = input.varint()
  const coding = input.u8()
  const [compression, seal] = codingOf(coding)
  const length = coding === 0 ? storedLength : input.varint()
  const hash = input.digest() as PieceHash
  if (!Number.isSafeInteger(offset + storedLength)) throw damaged('a piece ends above 2^53')
  checkLengths(storedLength, length)
  return { blob, offset, storedLength, length, hash, compression, seal }
}

/** Passes over what writePieceBody wrote. Returns the stored and the plain length. */
export function skipPieceBody(input: ByteReader): readonly [number, number] {
  const storedLength = input.varint()
  const coding = input.u8()
  codingOf(coding)
  const length = coding === 0 ? storedLength : input.varint()
  input.skip(32)
  checkLengths(storedLength, length)
  return [storedLength, length]
}

function checkLengths(...lengths: readonly [stored: number, plain: number]): void {
  for (const bytes of lengths) {
    if (bytes > maxPieceBytes) throw damaged(`a piece of ${bytes} bytes`)
  }
}

/** What a coding byte says. Throws FormatError for what this program does not know. */
export function codingOf(byte: number): readonly [Compression, Seal] {
  return [compressionOf(byte & 15), sealOf(byte >> 4)]
}

function compressionOf(code: number): Compression {
  if (code === Compression.none || code === Compression.zstd) return code
  throw new FormatError('feature', `pieces are compressed in an unknown way (${code})`)
}

function sealOf(code: number): Seal {
  if (code === Seal.none || code === Seal.aes256gcm || code === Seal.xaes256gcm) return code
  throw new FormatError('feature', `pieces are sealed in an unknown way (${code})`)
}
