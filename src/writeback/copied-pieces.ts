import type { BlobStore } from '../store/blob-store.ts'
import { StoreError } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { pieceHashOf } from '../terms/piece-hash.ts'
import { PieceUse } from '../tree/format/pack-format.ts'
import { neededPieces } from '../tree/history/needed-pieces.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { RootRecord } from '../tree/root-record.ts'
import type { PackBuilder } from './pack-builder.ts'
import type { StoredPiece } from './pack-job.ts'

/** So much is read and handed to the packing thread at a time. */
const batchBytes = 8 << 20
const batchPieces = 64

/** What copying works with. */
export interface CopyParts {
  readonly source: NodeSource
  readonly store: Pick<BlobStore, 'read'>
  readonly builder: Pick<PackBuilder, 'copy'>
}

/**
 * Copies the pieces of files that a tree shows of some packs into new ones, in the order of the tree, each once. Gives where
 * each is now; references carry the builder's placeholders. Throws StoreError.
 */
export async function copyPieces(
  root: RootRecord,
  packs: ReadonlySet<BlobId>,
  { source, store, builder }: CopyParts,
  progress: (done: number) => void,
  signal: AbortSignal,
): Promise<(ref: PieceRef) => PieceRef> {
  const places = new Map<string, PieceRef | undefined>()
  let batch: PieceRef[] = []
  let [bytes, done] = [0, 0]
  const flush = async () => {
    signal.throwIfAborted()
    const stored = await Promise.all(batch.map((ref) => storedPiece(ref, store, signal)))
    const copies = await builder.copy(stored)
    for (const [i, ref] of batch.entries()) places.set(placeOf(ref), copies[i])
    progress((done += bytes))
    batch = []
    bytes = 0
  }
  for await (const { ref, use } of neededPieces(source, root)) {
    if (use !== PieceUse.data || !packs.has(ref.blob) || places.has(placeOf(ref))) continue
    places.set(placeOf(ref), undefined)
    batch.push(ref)
    bytes += ref.storedLength
    if (bytes >= batchBytes || batch.length >= batchPieces) await flush()
  }
  if (batch.length > 0) await flush()
  return (ref) => {
    const place = places.get(placeOf(ref))
    if (!place) throw new Error(`a piece of ${ref.blob} was not copied`)
    return place
  }
}

/** From the network, for a cache keeps plain bytes, too: what is stored anew must be what was stored. */
async function storedPiece(
  ref: PieceRef,
  store: Pick<BlobStore, 'read'>,
  signal: AbortSignal,
): Promise<StoredPiece> {
  const { blob, offset, storedLength, length, compression, seal } = ref
  const stored = await store.read(blob, offset, storedLength, signal)
  if (pieceHashOf(stored) !== ref.hash) {
    throw new StoreError('corrupt', `a piece of blob ${blob} does not match its hash`)
  }
  return { stored, length, compression, seal }
}

function placeOf({ blob, offset }: PieceRef): string {
  return `${blob} ${offset}`
}
