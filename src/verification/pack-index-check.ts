import type { PieceCodec } from '../crypto/piece-codec.ts'
import type { BlobStore } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { pieceHashOf } from '../terms/piece-hash.ts'
import {
  decodePackIndex,
  decodePackTrailer,
  packTrailerBytes,
  type IndexedPiece,
} from '../tree/format/pack-format.ts'
import { whyOf } from './damage.ts'
import type { StoredPiece } from './piece-table.ts'

/** A longer index is none of ours: a pack of 64 MiB has fewer pieces. */
const maxIndexBytes = 64 << 20

/** The pieces that a pack's own index names. Throws StoreError, FormatError, and Error where the index is not right. */
export async function readPackIndex(
  store: Pick<BlobStore, 'read'>,
  codec: Pick<PieceCodec, 'decode'>,
  blob: BlobId,
  packBytes: number,
  signal: AbortSignal,
): Promise<IndexedPiece[]> {
  const from = Math.max(0, packBytes - packTrailerBytes)
  const trailer = decodePackTrailer(
    await store.read(blob, from, packBytes - from, signal),
    blob,
    packBytes,
  )
  const { index } = trailer
  if (Math.max(index.length, index.storedLength) > maxIndexBytes) {
    throw new Error(`an index of ${index.length} bytes`)
  }
  const stored = await store.read(blob, index.offset, index.storedLength, signal)
  if (pieceHashOf(stored) !== index.hash) throw new Error('the index does not match its hash')
  return decodePackIndex(codec.decode(index, stored), trailer)
}

/** What a pack's index does not say as the tree does, a line each. A drive is rebuilt by its packs' indices alone. */
export function indexProblems(
  index: readonly IndexedPiece[],
  pieces: readonly StoredPiece[],
): string[] {
  const rows = new Map(index.map((row) => [row.ref.offset, row]))
  const wrong = pieces.filter(({ offset, length, hash, use }) => {
    const row = rows.get(offset)
    return row?.ref.storedLength !== length || row.ref.hash !== hash || row.use !== use
  })
  const [first] = wrong
  if (!first) return []
  return [
    `its index does not name ${wrong.length} of ${pieces.length} pieces as the tree does, the first at byte ${first.offset}`,
  ]
}

/** Reads a pack's index and compares it. Lines for what is wrong. */
export async function checkPackIndex(
  store: Pick<BlobStore, 'read'>,
  codec: Pick<PieceCodec, 'decode'>,
  blob: BlobId,
  packBytes: number,
  pieces: readonly StoredPiece[],
  signal: AbortSignal,
): Promise<string[]> {
  try {
    return indexProblems(await readPackIndex(store, codec, blob, packBytes, signal), pieces)
  } catch (error) {
    signal.throwIfAborted()
    return [`its index cannot be read: ${whyOf(error)}`]
  }
}
