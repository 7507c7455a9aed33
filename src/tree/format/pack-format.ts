import { encodePage, NodePage, PageKind } from '../btree/node-page.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import type { PieceHash } from '../../terms/piece-hash.ts'
import { damaged, FormatError } from '../format-error.ts'
import type { PieceRef } from '../piece-ref.ts'
import { codingOf, readPieceBody, writePieceBody } from './ref-format.ts'

/** What a piece of a pack is. The number is its code in the index; never used again for another. */
export const PieceUse = { data: 0, node: 1, root: 2 } as const
export type PieceUse = (typeof PieceUse)[keyof typeof PieceUse]

/** A row of a pack's index: a piece and what it is. */
export interface IndexedPiece {
  readonly ref: PieceRef
  readonly use: PieceUse
}

/** The last bytes of every pack. */
export const packTrailerBytes = 64
const magic = 'walrusfs'
const trailerVersion = 1

/**
 * The index of a pack, to be stored as a piece behind all others. Rows are in the order of the pieces, which begin at
 * byte 0 and lie side by side. Body: varint count; each: a byte for its use, and the piece without blob and offset.
 */
export function encodePackIndex(pieces: readonly IndexedPiece[]): Uint8Array {
  return encodePage(
    PageKind.index,
    () => 'self',
    (out) => {
      let end = 0
      out.varint(pieces.length)
      for (const { ref, use } of pieces) {
        if (ref.offset !== end) throw new RangeError(`a piece at ${ref.offset}, not at ${end}`)
        out.u8(use)
        writePieceBody(out, ref)
        end += ref.storedLength
      }
    },
  )
}

/** Reads an index. `trailer` is the pack's: the pieces must end where its index begins. Throws FormatError. */
export function decodePackIndex(bytes: Uint8Array, trailer: PackTrailer): IndexedPiece[] {
  const { blob, offset } = trailer.index
  const page = new NodePage(bytes, blob, PageKind.index)
  const input = page.body()
  const pieces: IndexedPiece[] = []
  let end = 0
  for (let left = input.limited(input.remaining, 'a count of pieces'); left > 0; left--) {
    const use = checkedUse(input.u8())
    const ref = readPieceBody(input, blob, end)
    end += ref.storedLength
    pieces.push({ ref, use })
  }
  input.end('the index of a pack')
  if (end !== offset) throw damaged('the pieces of a pack do not end where its index begins')
  return pieces
}

function checkedUse(code: number): PieceUse {
  if (code === PieceUse.data || code === PieceUse.node || code === PieceUse.root) return code
  throw new FormatError('feature', `a pack has pieces of unknown use (${code})`)
}

/** What the end of a pack says. */
export interface PackTrailer {
  /** Where the index lies and how it is coded. */
  readonly index: PieceRef
}

/**
 * The trailer: `walrusfs`; byte 1, the version; a byte for the coding of the index (compression in the low, seal in the
 * high half); 6 bytes 0; u64 its offset; u32 its stored and u32 its plain length, all little-endian; 32 bytes its hash.
 */
export function encodePackTrailer({ index }: PackTrailer): Uint8Array {
  const bytes = Buffer.alloc(packTrailerBytes)
  bytes.write(magic, 'latin1')
  bytes[8] = trailerVersion
  bytes[9] = index.compression | (index.seal << 4)
  bytes.writeBigUInt64LE(BigInt(index.offset), 16)
  bytes.writeUInt32LE(index.storedLength, 24)
  bytes.writeUInt32LE(index.length, 28)
  bytes.write(index.hash, 32, 'base64url')
  return bytes
}

/** Reads the last bytes of a pack of `packBytes` bytes in all. Throws FormatError, also where the blob is no pack. */
export function decodePackTrailer(
  trailer: Uint8Array,
  blob: BlobId,
  packBytes: number,
): PackTrailer {
  const bytes = Buffer.from(trailer.buffer, trailer.byteOffset, trailer.length)
  if (bytes.length !== packTrailerBytes || bytes.toString('latin1', 0, 8) !== magic) {
    throw damaged('the blob is no pack')
  }
  if (bytes[8] !== trailerVersion) throw new FormatError('version', `a pack of version ${bytes[8]}`)
  const [compression, seal] = codingOf(bytes[9]!)
  const offset = Number(bytes.readBigUInt64LE(16))
  const storedLength = bytes.readUInt32LE(24)
  const fits =
    Number.isSafeInteger(offset) && offset + storedLength + packTrailerBytes === packBytes
  if (!fits || bytes.readUIntLE(10, 6) !== 0) {
    throw damaged('the trailer of a pack does not fit to its length')
  }
  const hash = bytes.toString('base64url', 32, 64) as PieceHash
  const length = bytes.readUInt32LE(28)
  if (bytes[9] === 0 && length !== storedLength)
    throw damaged('the index of a pack has two lengths')
  return { index: { blob, offset, storedLength, length, hash, compression, seal } }
}
