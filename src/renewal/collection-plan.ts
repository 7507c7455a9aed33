import type { OwnedBlob, StorePrices } from '../store/blob-store.ts'
import { encodedBytes, storageUnits } from '../store/encoded-size.ts'
import { costOf, planPurchases, type SpareStorage } from '../store/spare-storage.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import type { NeededPacks } from './kept-snapshots.ts'
import { isOurs, type PackLife } from './pack-life.ts'

/** What a collection is planned with. */
export interface CollectionFacts extends Pick<
  StorePrices,
  'epoch' | 'storagePrice' | 'writePrice'
> {
  readonly shards: number
  /** How long new packs are at most. */
  readonly packBytes: number
  /** All packs of the drive. */
  readonly packs: readonly PackLife[]
  readonly needs: NeededPacks
  /** Blobs that other drives of the account name. */
  readonly others: ReadonlySet<BlobId>
  /** False where some of those drives cannot be read: what is not ours may be theirs. @default true */
  readonly isKnown?: boolean
  /** All that the account owns. */
  readonly owned: readonly OwnedBlob[]
  /** Storage that the account has left over. */
  readonly spare: readonly SpareStorage[]
  /** Blob objects that are being uploaded for now. */
  readonly uploading: ReadonlySet<ObjectId>
}

export interface CollectionPolicy {
  /** Packs of which a smaller share than this is live are written anew, 0 to 1. */
  readonly repackBelow: number
  /** An upload that was begun so many epochs ago and is not finished is given up. */
  readonly uploadEpochs: number
  /** How long new packs are paid for. */
  readonly epochs: number
}

/** What a collection would do. */
export interface CollectionPlan {
  /** Packs that nothing needs, ours to delete. */
  readonly unneeded: readonly PackLife[]
  /** Packs that nothing needs and that are no longer there, or are another drive's, too: they only leave the table. */
  readonly dropped: readonly PackLife[]
  /** Packs that nothing needs, of another account or nobody knows whose: they stay in the table until it collects them or they end. */
  readonly foreign: readonly PackLife[]
  /** Packs that only kept snapshots need, not the present tree. */
  readonly history: readonly PackLife[]
  /** Packs that are mostly dead: what is live of them is written anew. */
  readonly repacked: readonly PackLife[]
  /** Stored bytes that are written anew. */
  readonly repackBytes: number
  /** Blob objects that no tree names: uploads that were never finished, and second objects of a blob. */
  readonly orphans: readonly OwnedBlob[]
  /** Uploads that are not finished and may still be. */
  readonly unfinished: number
  /** Certified blobs of the account that no drive of it names. */
  readonly strays: readonly OwnedBlob[]
  /** MiB of encoded bytes that are given back, and that are made dead by writing anew. */
  readonly freedUnits: number
  readonly repackedUnits: number
  /** MiB of encoded bytes of the commit's own packs; 0 where no commit is needed. */
  readonly newUnits: number
  /** FROST for them; what is spare is not bought again. */
  readonly cost: bigint
}

/** About what a root record and the table of packs take. */
const recordBytes = 4096
const rowBytes = 96

/** Plans a collection. Pure. */
export function planCollection(facts: CollectionFacts, policy: CollectionPolicy): CollectionPlan {
  const { packs, needs, others, epoch } = facts
  const dead = packs.filter(({ blob }) => !needs.needed(blob))
  const isFree = (pack: PackLife) =>
    pack.endEpoch > epoch && isOurs(pack) && pack.object!.deletable && !others.has(pack.blob)
  const unneeded = dead.filter(isFree)
  const foreign = dead.filter((pack) => pack.endEpoch > epoch && !isOurs(pack))
  const [free, theirs] = [new Set(unneeded), new Set(foreign)]
  const dropped = dead.filter((pack) => !free.has(pack) && !theirs.has(pack))
  const live = (pack: PackLife) => needs.live.get(pack.blob) ?? 0
  const kept = packs.filter(({ blob }) => needs.needed(blob))
  const repack = planRepack(kept, live, facts, policy)
  const { repacked, repackBytes } = repack
  const orphans = [...unfinishedUploads(facts, policy), ...secondObjects(facts, free)]
  const isCommit = unneeded.length + dropped.length + repacked.length > 0
  const newPacks = isCommit ? packsOf(repackBytes + tableBytes(packs), facts) : []
  const purchases = planPurchases(newPacks, policy.epochs, facts, facts.spare)
  return {
    unneeded,
    dropped,
    foreign,
    history: kept.filter((pack) => live(pack) === 0),
    repacked,
    repackBytes,
    orphans,
    unfinished: facts.owned.filter(({ certified }) => !certified).length - uploads(orphans),
    strays: strayBlobs(facts, policy),
    freedUnits:
      sum(unneeded.map(({ units }) => units)) +
      sum(orphans.map(({ bytes }) => unitsOf(bytes, facts))),
    repackedUnits: sum(repacked.map(({ units }) => units)),
    newUnits: sum(newPacks.map((bytes) => unitsOf(bytes, facts))),
    cost: costOf(purchases),
  }
}

/** Only if fewer are paid for afterwards, the commit's own pack among them. */
function planRepack(
  packs: readonly PackLife[],
  live: (pack: PackLife) => number,
  facts: CollectionFacts,
  { repackBelow }: CollectionPolicy,
): Pick<CollectionPlan, 'repacked' | 'repackBytes'> {
  const sparse = packs.filter((pack) => {
    const bytes = live(pack)
    return (
      isOurs(pack) && pack.endEpoch > facts.epoch && bytes > 0 && bytes < repackBelow * pack.bytes
    )
  })
  const repackBytes = sum(sparse.map(live))
  const units = sum(sparse.map((pack) => pack.units))
  const made = packsOf(repackBytes + tableBytes(facts.packs), facts)
  const isGain = units > sum(made.map((bytes) => unitsOf(bytes, facts)))
  return isGain ? { repacked: sparse, repackBytes } : { repacked: [], repackBytes: 0 }
}

/** No tree can name a blob that is not certified: commits certify what they name. */
function unfinishedUploads(facts: CollectionFacts, policy: CollectionPolicy): OwnedBlob[] {
  return facts.owned.filter(
    (blob) =>
      !blob.certified &&
      blob.deletable &&
      facts.epoch - blob.registeredEpoch >= policy.uploadEpochs &&
      !facts.uploading.has(blob.objectId),
  )
}

/** A blob of the drive is stored as long as one of its objects lasts: those that end no later than the drive's own are of no use. */
function secondObjects(
  { packs, owned, others }: CollectionFacts,
  unneeded: ReadonlySet<PackLife>,
): OwnedBlob[] {
  const dead = new Set([...unneeded].map(({ blob }) => blob))
  const own = new Map(packs.filter(isOurs).map((pack) => [pack.blob, pack.object!]))
  return owned.filter((blob) => {
    const named = own.get(blob.blobId)
    return (
      named !== undefined &&
      named.objectId !== blob.objectId &&
      (dead.has(blob.blobId) || named.endEpoch >= blob.endEpoch) &&
      blob.certified &&
      blob.deletable &&
      !others.has(blob.blobId)
    )
  })
}

function strayBlobs(
  { packs, owned, others, epoch, uploading, isKnown = true }: CollectionFacts,
  { uploadEpochs }: CollectionPolicy,
): OwnedBlob[] {
  if (!isKnown) return []
  const known = new Set(packs.map(({ blob }) => blob))
  return owned.filter(
    (blob) =>
      blob.certified &&
      blob.deletable &&
      !known.has(blob.blobId) &&
      !others.has(blob.blobId) &&
      !uploading.has(blob.objectId) &&
      epoch - blob.registeredEpoch >= uploadEpochs,
  )
}

function uploads(orphans: readonly OwnedBlob[]): number {
  return orphans.filter(({ certified }) => !certified).length
}

function tableBytes(packs: readonly PackLife[]): number {
  return recordBytes + rowBytes * packs.length
}

function unitsOf(bytes: number, { shards }: CollectionFacts): number {
  return Number(storageUnits(encodedBytes(shards, Math.max(1, bytes))))
}

/** Lengths of the packs that so many bytes go into. */
function packsOf(bytes: number, { packBytes }: CollectionFacts): number[] {
  const whole = Array.from({ length: Math.floor(bytes / packBytes) }, () => packBytes)
  const rest = bytes - whole.length * packBytes
  return rest > 0 ? [...whole, rest] : whole
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
