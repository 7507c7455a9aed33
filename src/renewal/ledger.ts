import { StoreError, type BlobObject, type BlobStore } from '../store/blob-store.ts'
import { encodedBytes, storageUnits } from '../store/encoded-size.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import type { NodeSource } from '../tree/node-source.ts'
import { packRows } from '../tree/pack-rows.ts'
import type { PackRow, RootRecord } from '../tree/root-record.ts'
import type { PackLife } from './pack-life.ts'

/** What the drive says of a pack. */
type Named = Pick<PackRow, 'objectId' | 'bytes' | 'endEpoch'>

/** When a look is taken. */
export interface LedgerTime {
  readonly epoch: number
  /** What ends in this epoch or before is as the chain shows it now; what ends later may be as it was seen. */
  readonly freshUntil: number
  /** What the manifest says of the tree. */
  readonly endEpoch: number
}

/**
 * Which packs a drive needs and when each ends. The tree's own table names them all, also those that only its history
 * shows, but the one that the root record lies in. Ends move forward only, so an object that was seen is looked at again
 * only when its end comes near.
 */
export class PackLedger {
  readonly #store: BlobStore
  readonly #source: NodeSource
  readonly #seen = new Map<BlobId, BlobObject>()
  readonly #sizes = new Map<BlobId, number>()
  /** Packs that were extended since they were seen. */
  readonly #stale = new Set<BlobId>()
  /** Packs that are not among the account's blobs, with the epoch in which they were looked for. */
  readonly #missed = new Map<BlobId, number>()

  constructor(store: BlobStore, source: NodeSource) {
    this.#store = store
    this.#source = source
  }

  /** These were extended: their ends are looked up anew. */
  extended(blobs: Iterable<BlobId>): void {
    for (const blob of blobs) this.#stale.add(blob)
  }

  /** All packs of a tree. */
  async packs(root: RootRecord, now: LedgerTime, signal: AbortSignal): Promise<PackLife[]> {
    const { endEpoch } = now
    const named = new Map<BlobId, Named>([
      [root.self.blob, { objectId: undefined, bytes: 0, endEpoch }],
    ])
    for (const row of await packRows(root.packs, this.#source)) named.set(row.blob, row)
    for (const blob of this.#seen.keys()) if (!named.has(blob)) this.#seen.delete(blob)
    await this.#look(named, now, signal)
    await this.#seek(named, now, signal)
    const { shards } = await this.#store.limits(signal)
    const lives: PackLife[] = []
    for (const [blob, facts] of named) {
      const object = this.#seen.get(blob)
      const bytes = object?.bytes ?? (facts.bytes || (await this.#size(blob, signal)))
      const units = Number(storageUnits(encodedBytes(shards, Math.max(1, bytes))))
      const end = object?.endEpoch ?? facts.endEpoch
      lives.push({ blob, object, bytes, units, endEpoch: end })
    }
    return lives
  }

  /** Whose objects are known by id: many a request. */
  async #look(
    named: ReadonlyMap<BlobId, Named>,
    { epoch, freshUntil }: LedgerTime,
    signal: AbortSignal,
  ): Promise<void> {
    const wanted: { readonly blob: BlobId; readonly id: ObjectId }[] = []
    for (const [blob, { objectId }] of named) {
      const seen = this.#seen.get(blob)
      // The table may name another one by now than the one that has ended.
      const id = seen && seen.endEpoch > epoch ? seen.objectId : (objectId ?? seen?.objectId)
      const isFresh = seen && seen.endEpoch > freshUntil && !this.#stale.has(blob)
      if (id && !isFresh) wanted.push({ blob, id })
    }
    if (wanted.length === 0) return
    const found = await this.#store.objects(
      wanted.map(({ id }) => id),
      signal,
    )
    for (const [i, { blob }] of wanted.entries()) {
      const object = found[i]
      if (object?.blobId === blob) this.#seen.set(blob, object)
      else this.#seen.delete(blob)
    }
    this.#stale.clear()
  }

  /** The others, and those that end soon, may be among all that the account owns: listed once an epoch for each. */
  async #seek(
    named: ReadonlyMap<BlobId, Named>,
    { epoch, freshUntil }: LedgerTime,
    signal: AbortSignal,
  ): Promise<void> {
    const sought = [...named.keys()].filter((blob) => {
      const seen = this.#seen.get(blob)
      const isGood = seen && (seen.endEpoch > freshUntil || (seen.ours && seen.endEpoch > epoch))
      return !isGood && this.#missed.get(blob) !== epoch
    })
    if (sought.length === 0) return
    const owned = (await this.#owned(signal)).filter(({ certified }) => certified)
    const latestLast = owned.sort((a, b) => a.endEpoch - b.endEpoch)
    const best = new Map(latestLast.map((blob) => [blob.blobId, { ...blob, ours: true }]))
    for (const blob of sought) {
      const object = best.get(blob)
      const isBetter = object && object.endEpoch > (this.#seen.get(blob)?.endEpoch ?? 0)
      if (isBetter) this.#seen.set(blob, object)
      else this.#missed.set(blob, epoch)
    }
  }

  async #owned(signal: AbortSignal): ReturnType<BlobStore['owned']> {
    try {
      return await this.#store.owned(signal)
    } catch (error) {
      if (error instanceof StoreError && error.code === 'not-owner') return []
      throw error
    }
  }

  /** 0 where nobody tells. */
  async #size(blob: BlobId, signal: AbortSignal): Promise<number> {
    const known = this.#sizes.get(blob)
    if (known !== undefined) return known
    const bytes = await this.#store.size(blob, signal).catch(() => 0)
    signal.throwIfAborted()
    if (bytes > 0) this.#sizes.set(blob, bytes)
    return bytes
  }
}
