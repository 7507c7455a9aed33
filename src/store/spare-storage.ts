import type { ObjectId } from '../terms/object-id.ts'
import type { QuotedBlob } from './blob-store.ts'
import { encodedBytes, storageUnits } from './encoded-size.ts'

/** Storage that an account has paid for and no blob uses: what is left of blobs that were deleted. */
export interface SpareStorage {
  readonly objectId: ObjectId
  /** Encoded bytes. */
  readonly bytes: number
  readonly startEpoch: number
  /** First epoch that it does not cover. */
  readonly endEpoch: number
}

/** What storage costs, and for how many shards a blob is encoded. */
export interface SpaceMarket {
  readonly epoch: number
  readonly shards: number
  /** FROST per MiB of encoded bytes: per epoch stored, and once when written. */
  readonly storagePrice: bigint
  readonly writePrice: bigint
}

/** How a blob comes to its storage. */
export interface SpacePurchase {
  /** Encoded bytes of the blob. */
  readonly encoded: number
  /** Taken for it; of a larger one so many bytes are split off. Undefined: all is bought. */
  readonly spare: SpareStorage | undefined
  readonly takenBytes: number
  /** What is bought: from this epoch on, until `untilEpoch`. Nothing where they are the same. */
  readonly fromEpoch: number
  readonly untilEpoch: number
  /** First epoch in which the blob is not stored. */
  readonly endEpoch: number
  /** FROST for the storage that is bought, and with the price of writing. */
  readonly storageCost: bigint
  readonly cost: bigint
}

/**
 * How blobs of so many (unencoded) bytes get storage for so many epochs: what is spare is taken before any is bought, each once,
 * where it saves most; what it lacks at the end is bought. Spare storage that is too small is left alone, and so is what a
 * larger one has over it, unless that is less than what prices are per. Pure.
 */
export function planPurchases(
  sizes: readonly number[],
  epochs: number,
  market: SpaceMarket,
  spare: readonly SpareStorage[],
): SpacePurchase[] {
  const free = new Set(spare.filter((one) => isUsable(one, market)))
  const until = market.epoch + epochs
  return sizes.map((bytes) => {
    const encoded = encodedBytes(market.shards, bytes)
    const best = bestOf(free, encoded, until)
    if (best) free.delete(best)
    return purchase(encoded, best, until, market)
  })
}

/** FROST for each of some blobs: none for those that the account owns, and once for those that are there twice. Pure. */
export function quoted(
  blobs: readonly QuotedBlob[],
  isOwned: (blob: QuotedBlob) => boolean,
  epochs: number,
  market: SpaceMarket,
  spare: readonly SpareStorage[],
): bigint[] {
  const met = new Set<string>()
  const fresh = [...blobs.keys()].filter((i) => {
    const blob = blobs[i]!
    if (isOwned(blob) || (blob.blobId !== undefined && met.has(blob.blobId))) return false
    if (blob.blobId !== undefined) met.add(blob.blobId)
    return true
  })
  const sizes = fresh.map((i) => blobs[i]!.bytes)
  const costs = blobs.map(() => 0n)
  for (const [nth, { cost }] of planPurchases(sizes, epochs, market, spare).entries()) {
    costs[fresh[nth]!] = cost
  }
  return costs
}

/** FROST for them. */
export function costOf(purchases: readonly SpacePurchase[]): bigint {
  return purchases.reduce((sum, { cost }) => sum + cost, 0n)
}

/** Storage that has begun and has not ended. */
export function isUsable(
  { startEpoch, endEpoch }: SpareStorage,
  { epoch }: Pick<SpaceMarket, 'epoch'>,
): boolean {
  return startEpoch <= epoch && endEpoch > epoch
}

/** FROST that it would cost to buy the epochs after this one. */
export function worthOf(
  { bytes, endEpoch }: SpareStorage,
  { epoch, storagePrice }: Pick<SpaceMarket, 'epoch' | 'storagePrice'>,
): bigint {
  return storageUnits(bytes) * storagePrice * BigInt(endEpoch - epoch - 1)
}

function bestOf(
  free: ReadonlySet<SpareStorage>,
  encoded: number,
  until: number,
): SpareStorage | undefined {
  const saved = ({ endEpoch }: SpareStorage) => Math.min(endEpoch, until)
  return [...free]
    .filter(({ bytes }) => bytes >= encoded)
    .sort((a, b) => saved(b) - saved(a) || a.endEpoch - b.endEpoch || a.bytes - b.bytes)[0]
}

function purchase(
  encoded: number,
  spare: SpareStorage | undefined,
  until: number,
  { epoch, storagePrice, writePrice }: SpaceMarket,
): SpacePurchase {
  const units = storageUnits(encoded)
  const fromEpoch = Math.min(until, spare?.endEpoch ?? epoch)
  const storageCost = units * storagePrice * BigInt(until - fromEpoch)
  const isAll = spare !== undefined && storageUnits(spare.bytes) === units
  return {
    encoded,
    spare,
    takenBytes: isAll ? spare.bytes : encoded,
    fromEpoch,
    untilEpoch: until,
    endEpoch: Math.max(until, spare?.endEpoch ?? 0),
    storageCost,
    cost: storageCost + units * writePrice,
  }
}
