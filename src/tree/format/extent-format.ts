import type { BlobId } from '../../terms/blob-id.ts'
import type { Extent, ExtentMap, ExtentSource } from '../extent-map.ts'
import { damaged } from '../format-error.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { Slice } from '../slice.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { readPieceBody, readRef, skipPieceBody, writePieceBody, writeRef } from './ref-format.ts'
import type { BlobReader, BlobWriter } from './ref-format.ts'

/** More bytes than these do not lie inline in one extent. */
export const maxInlineBytes = 4096

/** What the first byte of an extent's source says. */
const Kind = { piece: 0, inline: 1, slice: 2, nextPiece: 3 } as const

/**
 * A list of extents: varint count, and for each the varint gap between the end before and its start, the varint length,
 * and its source.
 */
export function writeExtents(out: ByteWriter, blobs: BlobWriter, extents: readonly Extent[]): void {
  out.varint(extents.length)
  let end = 0
  let piece: PieceRef | undefined
  for (const extent of extents) {
    out.varint(extent.start - end)
    out.varint(extent.end - extent.start)
    writeSource(out, blobs, extent, piece)
    end = extent.end
    piece = extent.source.kind === 'piece' ? extent.source.piece : undefined
  }
}

/** Reads the list into an extent map. */
export function readExtents(
  input: ByteReader,
  blobs: BlobReader,
  size: number,
  into: ExtentMap,
): void {
  let piece: PieceRef | undefined
  readRanges(input, size, (start, end) => {
    const source = readSource(input, blobs, end - start, piece)
    piece = source.kind === 'piece' ? source.piece : undefined
    into.put(start, end, source)
  })
}

/** Checks the list and makes nothing of it. Returns the bytes covered. */
export function skipExtents(input: ByteReader, blobs: BlobReader, size: number): number {
  const before: PieceEnd = { blob: undefined, end: 0 }
  let covered = 0
  readRanges(input, size, (start, end) => {
    skipSource(input, blobs, end - start, before)
    covered += end - start
  })
  return covered
}

function readRanges(
  input: ByteReader,
  size: number,
  each: (start: number, end: number) => void,
): void {
  let end = 0
  const count = input.limited(input.remaining, 'a count of extents')
  if (count === 0) throw damaged('an empty list of extents')
  for (let i = 0; i < count; i++) {
    const start = end + input.varint()
    const length = input.varint()
    end = start + length
    if (length === 0 || end > size) throw damaged('an extent is empty or ends behind the file')
    each(start, end)
  }
}

/**
 * A byte that says the kind. 0 piece: varint `at`, reference. 3 piece that lies behind the piece of the extent before in
 * the same blob: varint `at`, reference without blob and offset. 1 inline: the bytes. 2 slice (in a journal only): varints
 * `at`, id, segment, position, length.
 */
export function writeSource(
  out: ByteWriter,
  blobs: BlobWriter,
  { start, end, source }: Extent,
  before: PieceRef | undefined,
): void {
  switch (source.kind) {
    case 'piece': {
      const isNext = before !== undefined && follows(before, source.piece)
      out.u8(isNext ? Kind.nextPiece : Kind.piece)
      out.varint(source.at)
      if (isNext) writePieceBody(out, source.piece)
      else writeRef(out, blobs, source.piece)
      return
    }
    case 'inline':
      if (end - start > maxInlineBytes) throw new RangeError(`${end - start} bytes inline`)
      out.u8(Kind.inline)
      out.bytes(source.bytes.subarray(source.at, source.at + (end - start)))
      return
    case 'slice':
      if (!blobs.allowsSlices) throw new Error('a slice is to be written into a blob')
      out.u8(Kind.slice)
      out.varint(source.at)
      writeSlice(out, source.slice)
  }
}

function follows(before: PieceRef, piece: PieceRef): boolean {
  return before.blob === piece.blob && before.offset + before.storedLength === piece.offset
}

export function readSource(
  input: ByteReader,
  blobs: BlobReader,
  length: number,
  before: PieceRef | undefined,
): ExtentSource {
  const kind = input.u8()
  switch (kind) {
    case Kind.piece:
    case Kind.nextPiece: {
      const at = input.varint()
      const piece = kind === Kind.piece ? readRef(input, blobs) : readNext(input, before)
      if (kind === Kind.piece && before && follows(before, piece)) {
        throw damaged('a piece behind another is not written as such')
      }
      if (at + length > piece.length) throw damaged('an extent shows more than its piece has')
      return { kind: 'piece', piece, at }
    }
    case Kind.inline:
      if (length > maxInlineBytes) throw damaged(`${length} bytes inline`)
      return { kind: 'inline', bytes: Buffer.from(input.bytes(length)), at: 0 }
    case Kind.slice: {
      if (!blobs.allowsSlices) throw damaged('a slice stands in a blob')
      const at = input.varint()
      const slice = readSlice(input)
      if (at + length > slice.length) throw damaged('an extent shows more than its slice has')
      return { kind: 'slice', slice, at }
    }
    default:
      throw damaged(`unknown kind of extent ${kind}`)
  }
}

function readNext(input: ByteReader, before: PieceRef | undefined): PieceRef {
  if (!before) throw damaged('a piece follows none')
  return readPieceBody(input, before.blob, before.offset + before.storedLength)
}

/** Where the piece of the extent before ends. */
interface PieceEnd {
  blob: BlobId | undefined
  end: number
}

/** Passes over what writeSource wrote into a blob, with all the checks of readSource. */
function skipSource(input: ByteReader, blobs: BlobReader, length: number, before: PieceEnd): void {
  const kind = input.u8()
  if (kind === Kind.inline) {
    if (length > maxInlineBytes) throw damaged(`${length} bytes inline`)
    input.skip(length)
    before.blob = undefined
    return
  }
  if (kind !== Kind.piece && kind !== Kind.nextPiece)
    throw damaged(`unknown kind of extent ${kind}`)
  const at = input.varint()
  const isNext = kind === Kind.nextPiece
  if (isNext && !before.blob) throw damaged('a piece follows none')
  const blob = isNext ? before.blob : blobs.readBlob(input)
  const offset = isNext ? before.end : input.varint()
  const [stored, plain] = skipPieceBody(input)
  if (at + length > plain) throw damaged('an extent shows more than its piece has')
  if (!isNext && blob === before.blob && offset === before.end) {
    throw damaged('a piece behind another is not written as such')
  }
  before.blob = blob
  before.end = offset + stored
  if (!Number.isSafeInteger(before.end)) throw damaged('a piece ends above 2^53')
}

/** varints id, segment, position, length. */
export function writeSlice(out: ByteWriter, slice: Slice): void {
  out.varint(slice.id)
  out.varint(slice.segment)
  out.varint(slice.position)
  out.varint(slice.length)
}

export function readSlice(input: ByteReader): Slice {
  const [id, segment, position] = [input.varint(), input.varint(), input.varint()]
  return { id, segment, position, length: input.varint() }
}
