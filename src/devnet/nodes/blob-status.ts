import type { BlobObject, EventId, Registration } from '../chain-view.ts'

function byEnd(a: BlobObject, b: BlobObject): number {
  return b.endEpoch - a.endEpoch
}

function eventOf({ transaction, sequence }: EventId): unknown {
  return { txDigest: transaction, eventSeq: String(sequence) }
}

/** What a node says of a blob's life on chain, as its API writes it (walrus-storage-node-client, `BlobStatus`). */
export function blobStatus(registration: Registration | undefined): unknown {
  if (!registration) return 'nonexistent'
  const { objects } = registration
  const certified = objects.filter(({ certifiedEpoch }) => certifiedEpoch !== undefined)
  const deletableCounts = {
    count_deletable_total: objects.filter(({ deletable }) => deletable).length,
    count_deletable_certified: certified.filter(({ deletable }) => deletable).length,
  }
  const epochs = certified.map(({ certifiedEpoch }) => certifiedEpoch!)
  const initialCertifiedEpoch = epochs.length > 0 ? Math.min(...epochs) : null
  const permanent =
    certified.filter(({ deletable }) => !deletable).toSorted(byEnd)[0] ??
    objects.filter(({ deletable }) => !deletable).toSorted(byEnd)[0]
  if (!permanent) return { deletable: { initialCertifiedEpoch, deletableCounts } }
  return {
    permanent: {
      endEpoch: permanent.endEpoch,
      isCertified: permanent.certifiedEpoch !== undefined,
      statusEvent: eventOf(permanent.event),
      deletableCounts,
      initialCertifiedEpoch,
    },
  }
}
