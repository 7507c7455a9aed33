import type { PieceCache } from '../cache/piece-cache.ts'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import {
  encodePackIndex,
  packTrailerBytes,
  PieceUse,
  type IndexedPiece,
} from '../tree/format/pack-format.ts'
import { Pace } from '../tree/pace.ts'
import type { PackParts } from './pack-parts.ts'

/**
 * What a cache has of a pack.
 * - `file`: all of it, as it was written here.
 * - `pieces`: all its pieces; its index is made anew from what trees say of them.
 * - `index`: the same, but its index does not come out with the length that it had: another version of the compressor.
 * - `partial`: not all.
 */
export type PackCopy =
  | { readonly kind: 'file'; readonly path: string; readonly bytes: number }
  | {
      readonly kind: 'pieces'
      readonly pieces: readonly IndexedPiece[]
      readonly bytes: number
    }
  | { readonly kind: 'index' }
  | {
      readonly kind: 'partial'
      /** Pieces that trees name and the cache does not have. */
      readonly missing: readonly IndexedPiece[]
      /** Bytes of it that no tree which can be read names; where its length is not known, as far as that is. */
      readonly unknownBytes: number
    }

type Codec = Pick<PieceCodec, 'encodeAlike'>

/** All pieces of a pack are known: they and their index have its length. A root record is the last of its pack. */
export function isWhole(parts: PackParts, codec: Codec): boolean {
  const { bytes, end, pieces } = parts
  const last = pieces.at(-1)
  if (!last || last.ref.offset + last.ref.storedLength !== end) return false
  if (bytes === 0) return last.use === PieceUse.root
  return end + tailBytes(pieces, codec) === bytes
}

/** Looks what a cache has, and reads it: a damaged copy is none. */
export async function packCopy(
  parts: PackParts,
  cache: Pick<PieceCache, 'packFile' | 'stored'>,
  codec: Codec,
  signal: AbortSignal,
): Promise<PackCopy> {
  const { blob, bytes, pieces } = parts
  const file = cache.packFile(blob)
  if (file && (bytes === 0 || file.bytes === bytes)) {
    return { kind: 'file', path: file.path, bytes: file.bytes }
  }
  const missing: IndexedPiece[] = []
  const pace = new Pace()
  for (const piece of pieces) {
    signal.throwIfAborted()
    if (!cache.stored(piece.ref)) missing.push(piece)
    await pace.next()
  }
  const unknown = unknownBytes(parts, codec)
  if (missing.length > 0 || unknown > 0) {
    return { kind: 'partial', missing, unknownBytes: unknown }
  }
  if (!isWhole(parts, codec)) return { kind: 'index' }
  return { kind: 'pieces', pieces, bytes: parts.end + tailBytes(pieces, codec) }
}

function tailBytes(pieces: readonly IndexedPiece[], codec: Codec): number {
  return codec.encodeAlike(encodePackIndex(pieces)).stored.length + packTrailerBytes
}

/** Gaps between the pieces that are known, and behind them what is more than their index can be. */
function unknownBytes({ pieces, bytes, end }: PackParts, codec: Codec): number {
  const last = pieces.at(-1)
  const known = pieces.reduce((sum, { ref }) => sum + ref.storedLength, 0)
  if (!last) return Math.max(1, bytes)
  const gaps = last.ref.offset + last.ref.storedLength - known
  if (gaps > 0) return gaps
  if (bytes === 0) return last.use === PieceUse.root ? 0 : 1
  const behind = bytes - end - tailBytes(pieces, codec)
  return behind > mostOtherIndex(pieces.length) ? behind : 0
}

/** By so much may an index differ that another version of the compressor made. */
function mostOtherIndex(pieces: number): number {
  return 64 + 4 * pieces
}
