import type { OwnedBlob } from './blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'

/**
 * The blob object to take instead of buying another: one of the same id that lasts for at least half of the epochs
 * wanted, and cannot be deleted where that is wanted. A certified one comes first, then the one that lasts longest.
 */
export function reusableBlob(
  owned: readonly OwnedBlob[],
  blobId: BlobId,
  epoch: number,
  epochs: number,
  permanent = false,
): OwnedBlob | undefined {
  const lasting = owned.filter(
    (blob) =>
      blob.blobId === blobId &&
      blob.endEpoch - epoch >= Math.ceil(epochs / 2) &&
      !(permanent && blob.deletable),
  )
  return lasting.sort(
    (a, b) => Number(b.certified) - Number(a.certified) || b.endEpoch - a.endEpoch,
  )[0]
}
