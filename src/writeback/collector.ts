import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PieceCache } from '../cache/piece-cache.ts'
import type { Manifest, ManifestRoot, Moved } from '../manifest/manifest.ts'
import type { Clock } from '../runtime/clock.ts'
import { StoreError } from '../store/blob-store.ts'
import type {
  BlobStore,
  OwnedBlob,
  RegisteredBlob,
  TransactionPart,
  UploadedBlob,
} from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { encodeRootRecord } from '../tree/format/root-format.ts'
import { relocate, type RelocatedTree } from '../tree/history/relocate.ts'
import type { NodeSink, NodeSource } from '../tree/node-source.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import { knownFeatures, treeFormat, type PackRow, type RootRecord } from '../tree/root-record.ts'
import type { MadePack } from './commit-record.ts'
import { copyPieces } from './copied-pieces.ts'
import { PackBuilder } from './pack-builder.ts'
import { writePackTable, type RowEdit } from './pack-table.ts'
import type { PackThread } from './pack-thread.ts'
import { rootPlace } from './root-piece.ts'
import { uploadPacks } from './upload-packs.ts'

/** What a collection works with. */
export interface CollectorParts {
  readonly source: NodeSource
  readonly store: BlobStore
  readonly manifest: Manifest
  readonly cache: PieceCache
  readonly thread: PackThread
  readonly clock: Clock
}

export interface CollectorOptions {
  /** Pack files are made here. In the state directory: a start deletes what is left of a collection that was killed. */
  readonly packDirectory: string
  readonly packBytes: number
  /** How many epochs new packs are paid for. */
  readonly epochs: number
  /** Who commits, for people: a host name. */
  readonly writer: string
}

/** One commit of a collection: what the drive names afterwards, and what is deleted with it. */
export interface Collection {
  /** Sequence number of the manifest that it was planned for. */
  readonly sequence: bigint
  /** The tree that the manifest names there. */
  readonly base: RootRecord
  /** Rows of the table that stay, the pack of the base's root record among them, with the live bytes that were counted. */
  readonly rows: readonly PackRow[]
  /** What is deleted in the transaction of the commit. No snapshot to be kept names it, nor do `rows`. */
  readonly removed: readonly OwnedBlob[]
  /** Packs of `rows` that were stored anew: certified in the same transaction. @default none */
  readonly revived?: readonly UploadedBlob[]
  /** Packs that the tree is to leave. */
  readonly repacked: ReadonlySet<BlobId>
  /** First epoch in which some blob of `rows` is no longer stored. */
  readonly endEpoch: number
}

/** What a collection did. */
export interface Collected {
  readonly sequence: bigint
  /** New packs, and their bytes. */
  readonly packs: number
  readonly bytes: number
}

/** Epochs last for weeks; one that ends while packs are signed for is rare. */
const epochTries = 3

/** Told how far it is. */
export type CollectorProgress = (step: 'pack' | 'upload' | 'commit', done: number) => void

/**
 * Commits a tree that says the same as the one before and names fewer packs, and deletes blobs in the same transaction: either
 * all of it happens or nothing, and nothing if anybody else committed since. Nothing of it is in the journal: what was
 * uploaded for a collection that did not come to its end is found by the next one.
 */
export class Collector {
  readonly #parts: CollectorParts
  readonly #options: CollectorOptions

  constructor(parts: CollectorParts, options: CollectorOptions) {
    this.#parts = parts
    this.#options = options
  }

  /** Throws ManifestError `conflict` where somebody else was first: plan anew then. */
  async collect(
    collection: Collection,
    progress: CollectorProgress,
    signal: AbortSignal,
  ): Promise<Collected> {
    const directory = this.#options.packDirectory
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const builder = await this.#builder(signal)
    try {
      const root = await this.#write(collection, builder, progress, signal)
      const { packs } = builder
      const registered = await this.#parts.store.register(packs, this.#options.epochs, signal)
      const send = async () => {
        const uploaded = await this.#upload(registered, packs, progress, signal)
        return this.#commit(collection, root, uploaded, progress, signal)
      }
      const { sequence } = await signedAnew(send)
      for (const { blobId, file } of packs) {
        this.#parts.cache.adoptPack(blobId, join(directory, file))
      }
      return { sequence, packs: packs.length, bytes: packs.reduce((sum, p) => sum + p.bytes, 0) }
    } catch (error) {
      await builder.discard()
      throw error
    }
  }

  async #upload(
    registered: readonly RegisteredBlob[],
    packs: readonly MadePack[],
    progress: CollectorProgress,
    signal: AbortSignal,
  ): Promise<UploadedBlob[]> {
    const { store } = this.#parts
    const uploaded = new Map<BlobId, UploadedBlob>()
    const sending = {
      store,
      directory: this.#options.packDirectory,
      concurrency: 2,
      onUploaded: () => {},
      progress: (done: number) => progress('upload', done),
    }
    await uploadPacks({ registered, uploaded }, { packs }, sending, signal)
    return [...uploaded.values()]
  }

  async #commit(
    { sequence, removed, revived = [] }: Collection,
    root: ManifestRoot,
    uploaded: readonly UploadedBlob[],
    progress: CollectorProgress,
    signal: AbortSignal,
  ): Promise<Moved> {
    const { store, manifest } = this.#parts
    progress('commit', 0)
    const parts: TransactionPart[] = [...revived, ...uploaded].map((blob) => store.certify(blob))
    parts.push(store.remove(await this.#stillThere(removed, signal)))
    return manifest.commit(sequence, root, parts, signal)
  }

  /** Writes the packs; resolves with the manifest's new root. */
  async #write(
    collection: Collection,
    builder: PackBuilder,
    progress: CollectorProgress,
    signal: AbortSignal,
  ): Promise<ManifestRoot> {
    const { source, store, clock } = this.#parts
    const { base, repacked } = collection
    const live = new LiveBytes(builder)
    const tell = (done: number) => progress('pack', done)
    let tree: RelocatedTree = { directory: base.directory, links: base.links }
    if (repacked.size > 0) {
      const copies = { source, store, builder: live }
      const pieceOf = await copyPieces(base, repacked, copies, tell, signal)
      const onLeft = (node: PieceRef) => live.count(node, -1)
      tree = await relocate(source, live, base, { packs: repacked, pieceOf, onLeft })
    }
    const { epoch } = await store.prices(signal)
    const endEpoch = epoch + this.#options.epochs
    const rows = rowsOf(collection, builder, live.byPack(), endEpoch)
    // All of it anew, so that no node of it lies in a pack that the tree has left.
    const packs = await writePackTable(undefined, rows, source, builder)
    const { usedBytes, usedInodes, nextIno } = base
    const record = {
      format: treeFormat,
      features: knownFeatures,
      sequence: Number(collection.sequence) + 1,
      timeMs: clock.now(),
      writer: this.#options.writer,
      predecessor: base.self,
      packs,
      ...tree,
      usedBytes,
      usedInodes,
      nextIno,
    } as const
    const self = await builder.finish((naming) => encodeRootRecord(record, naming))
    const end = Math.min(endEpoch, collection.endEpoch)
    return { ...rootPlace(self), usedBytes, usedInodes, endEpoch: end }
  }

  async #builder(signal: AbortSignal): Promise<PackBuilder> {
    const { store, thread } = this.#parts
    const { maxBlobBytes } = await store.limits(signal)
    return new PackBuilder({
      thread,
      directory: this.#options.packDirectory,
      prefix: 'gc',
      capacity: Math.min(this.#options.packBytes, maxBlobBytes),
      encode: (pack) => store.encode(pack, signal),
    })
  }

  /** Somebody else may have deleted some, or an answer was lost. */
  async #stillThere(blobs: readonly OwnedBlob[], signal: AbortSignal): Promise<OwnedBlob[]> {
    const { store } = this.#parts
    const { epoch } = await store.prices(signal)
    const ids = blobs.map(({ objectId }) => objectId)
    const objects = await store.objects(ids, signal)
    return objects.flatMap((object) => (object?.ours && object.endEpoch > epoch ? [object] : []))
  }
}

/** Again where the epoch ended under it: the nodes sign anew, they have everything. */
async function signedAnew<T>(send: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await send()
    } catch (error) {
      const isStale = error instanceof StoreError && error.code === 'stale-epoch'
      if (!isStale || tries === epochTries) throw error
    }
  }
}

/** Passes nodes and pieces on to a builder and counts by pack what the tree comes to name. */
class LiveBytes implements NodeSink, Pick<PackBuilder, 'copy'> {
  readonly #builder: PackBuilder
  readonly #bytes = new Map<BlobId, number>()

  constructor(builder: PackBuilder) {
    this.#builder = builder
  }

  async put(encode: Parameters<NodeSink['put']>[0]): Promise<PieceRef> {
    const ref = await this.#builder.put(encode)
    this.count(ref, 1)
    return ref
  }

  async copy(pieces: Parameters<PackBuilder['copy']>[0]): Promise<PieceRef[]> {
    const refs = await this.#builder.copy(pieces)
    for (const ref of refs) this.count(ref, 1)
    return refs
  }

  resolve(ref: PieceRef): PieceRef {
    return this.#builder.resolve(ref)
  }

  count({ blob, storedLength }: PieceRef, sign: 1 | -1): void {
    this.#bytes.set(blob, (this.#bytes.get(blob) ?? 0) + sign * storedLength)
  }

  /** By how much each pack that has an id changed. */
  byPack(): Map<BlobId, number> {
    const sums = new Map<BlobId, number>()
    for (const [blob, bytes] of this.#bytes) {
      const id = this.#builder.idOf(blob)
      if (id) sums.set(id, (sums.get(id) ?? 0) + bytes)
    }
    return sums
  }
}

/** The whole table: what stays, and what was made but the pack that the table itself goes to. */
function rowsOf(
  { rows, repacked }: Collection,
  builder: PackBuilder,
  live: ReadonlyMap<BlobId, number>,
  endEpoch: number,
): Map<BlobId, RowEdit> {
  const edits = new Map<BlobId, RowEdit>()
  for (const row of rows) {
    const left = row.liveBytes + (live.get(row.blob) ?? 0)
    const liveBytes = repacked.has(row.blob) ? 0 : Math.max(0, left)
    edits.set(row.blob, () => ({ ...row, liveBytes }))
  }
  for (const { blobId: blob, bytes } of builder.packs) {
    const liveBytes = live.get(blob) ?? 0
    const row = { blob, objectId: undefined, bytes, liveBytes, endEpoch }
    edits.set(blob, () => row)
  }
  return edits
}
