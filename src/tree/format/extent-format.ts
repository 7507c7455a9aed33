import type { Extent, ExtentSource } from '../extent-map.ts'
import { damaged } from '../format-error.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { Slice } from '../slice.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { readPieceBody, readRef, writePieceBody, writeRef } from './ref-format.ts'
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

/** Reads the list and tells `visit` of each extent; without it, the list is checked and skipped. Returns the bytes covered. */
export function readExtents(
  input: ByteReader,
  blobs: BlobReader,
  size: number,
  visit: (start: number, end: number, source: ExtentSource) => void = () => {},
): number {
  let end = 0
  let covered = 0
  let piece: PieceRef | undefined
  for (let count = input.limited(input.remaining, 'a count of extents'); count > 0; count--) {
    const start = end + input.varint()
    const length = input.varint()
    end = start + length
    if (length === 0 || end > size) throw damaged('an extent is empty or ends behind the file')
    const source = readSource(input, blobs, length, piece)
    piece = source.kind === 'piece' ? source.piece : undefined
    covered += length
    visit(start, end, source)
  }
  return covered
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
