import { collectionOf } from '../../src/daemon/drive-gc.ts'
import { planCollection, type CollectionPlan } from '../../src/renewal/collection-plan.ts'
import { neededPacks, type KeepPolicy } from '../../src/renewal/kept-snapshots.ts'
import { PackLedger } from '../../src/renewal/ledger.ts'
import { survey } from '../../src/renewal/survey.ts'
import type { BlobId } from '../../src/terms/blob-id.ts'
import type { ObjectId } from '../../src/terms/object-id.ts'
import { neededPieces } from '../../src/tree/history/needed-pieces.ts'
import { readRootRecord } from '../../src/tree/history/root-records.ts'
import type { RootRecord } from '../../src/tree/root-record.ts'
import { rootPiece } from '../../src/writeback/root-piece.ts'
import type { Collection } from '../../src/writeback/collector.ts'
import { never, type Desk, type Sitting } from './desk.ts'

export interface Wish {
  readonly keep?: KeepPolicy
  readonly repackBelow?: number
  readonly others?: readonly BlobId[]
  readonly uploading?: readonly ObjectId[]
  readonly frozen?: readonly RootRecord[]
  readonly nowMs?: number
}

export const nothingKept: KeepPolicy = { forMs: 0, count: 1 }

/** What gc plans for a drive on a desk, and the commit that carries it out. */
export async function planned(
  { store, manifest, packBytes }: Desk,
  { content }: Sitting,
  wish: Wish = {},
): Promise<{ plan: CollectionPlan; collection: Collection | undefined }> {
  const { keep = nothingKept, repackBelow = 0.5, others = [], uploading = [], frozen = [] } = wish
  const readRoot = (root: Parameters<typeof rootPiece>[0]) =>
    readRootRecord(content, rootPiece(root))
  const ledger = new PackLedger(store, content)
  const now = await survey({ store, manifest, ledger, readRoot }, Infinity, never)
  const base = await readRoot(now.state.root!)
  const blobs = now.packs.map(({ blob }) => blob)
  // Commits of a test follow each other within a millisecond.
  const keeping = { policy: keep, nowMs: wish.nowMs ?? Date.now() + 1, frozen }
  const needs = await neededPacks(base, blobs, content, keeping)
  const { shards } = await store.limits(never)
  const owned = await store.owned(never)
  const spare = await store.spare(never)
  const sets = { others: new Set(others), uploading: new Set(uploading) }
  const plan = planCollection(
    { ...now, shards, packBytes, needs, owned, spare, ...sets },
    { repackBelow, uploadEpochs: 2, epochs: 5 },
  )
  const collection = collectionOf({ now, base, needs, plan, shards, notes: [] })
  return { plan, collection }
}

/** Plans and collects; false where nothing is to be committed. The sitting stands on what it made. */
export async function collect(desk: Desk, here: Sitting, wish: Wish = {}): Promise<boolean> {
  const { collection } = await planned(desk, here, wish)
  if (!collection) return false
  await here.collector.collect(collection, () => {}, never)
  await here.takeOver()
  return true
}

/** Blobs that a snapshot needs. */
export async function blobsOf({ content }: Sitting, root: RootRecord): Promise<Set<BlobId>> {
  const blobs = new Set<BlobId>()
  for await (const { ref } of neededPieces(content, root)) blobs.add(ref.blob)
  return blobs
}

/** Blobs that the network still has. */
export async function storedBlobs(desk: Desk): Promise<Set<BlobId>> {
  const owned = await desk.store.owned(never)
  return new Set(owned.filter(({ certified }) => certified).map(({ blobId }) => blobId))
}
