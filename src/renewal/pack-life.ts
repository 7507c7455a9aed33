import type { BlobObject } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'

/** A pack that a drive needs, and how long it lasts. */
export interface PackLife {
  readonly blob: BlobId
  /** As the chain shows it; undefined where nobody told which object it is, or there is none any more. */
  readonly object: BlobObject | undefined
  /** Unencoded; 0 where it is not known. */
  readonly bytes: number
  /** MiB (begun) of encoded bytes: what prices are per. */
  readonly units: number
  /** First epoch in which it is no longer stored; where the object is not known, the earliest that this can be. */
  readonly endEpoch: number
}

/** Whether the account can extend it, as long as it lasts. */
export function isOurs({ object }: PackLife): boolean {
  return object !== undefined && object.ours && object.certified
}

/** The first epoch in which some pack is no longer stored; undefined without packs. */
export function firstEnd(packs: readonly PackLife[]): number | undefined {
  let first: number | undefined
  for (const { endEpoch } of packs) if (first === undefined || endEpoch < first) first = endEpoch
  return first
}

/** FROST for so many epochs of storage of all these packs. */
export function priceOf(packs: readonly PackLife[], storagePrice: bigint, epochs = 1): bigint {
  const units = packs.reduce((sum, pack) => sum + pack.units, 0)
  return BigInt(units) * storagePrice * BigInt(epochs)
}
