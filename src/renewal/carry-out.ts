import { ManifestError, type Manifest, type ManifestState } from '../manifest/manifest.ts'
import type { BlobStore, OwnedBlob, TransactionPart } from '../store/blob-store.ts'
import { batchesOf } from './batches.ts'
import type { Extension, RenewalPlan } from './plan.ts'

/** What pays and what is told. */
export interface CarryOutParts {
  readonly store: BlobStore
  readonly manifest: Manifest
  /** Told after each transaction: FROST. */
  readonly onPaid: (cost: bigint) => void
}

/**
 * Extends what a plan names, many blobs a transaction, and says in the manifest how long the tree lasts now: in the last
 * transaction, so that it never says too much. `state` is what the plan was made for. After any failure plan anew: what
 * was paid for is seen on the blobs. Resolves with the number of transactions.
 */
export async function carryOut(
  plan: RenewalPlan,
  state: ManifestState,
  parts: CarryOutParts,
  signal: AbortSignal,
): Promise<number> {
  const { store, onPaid } = parts
  const batches = batchesOf(plan.extensions)
  const moves = state.root !== undefined && (plan.endEpoch ?? 0) > state.root.endEpoch
  for (const [i, batch] of batches.entries()) {
    const isLast = i === batches.length - 1
    if (isLast && moves) await renewed(plan.endEpoch!, batch, state, parts, signal)
    else await store.execute(partsOf(batch, store), signal)
    onPaid(batch.reduce((sum, { cost }) => sum + cost, 0n))
  }
  return batches.length
}

/** A key that owns the blobs and is no writer (any more) still keeps them alive. */
async function renewed(
  endEpoch: number,
  batch: readonly Extension[],
  { sequence }: ManifestState,
  { store, manifest }: CarryOutParts,
  signal: AbortSignal,
): Promise<void> {
  try {
    await manifest.renew(sequence, endEpoch, partsOf(batch, store), signal)
  } catch (error) {
    if (!(error instanceof ManifestError) || error.code !== 'read-only') throw error
    await store.execute(partsOf(batch, store), signal)
  }
}

function partsOf(batch: readonly Extension[], store: BlobStore): TransactionPart[] {
  const byEpochs = new Map<number, OwnedBlob[]>()
  for (const { pack, epochs } of batch) {
    const blobs = byEpochs.get(epochs)
    if (blobs) blobs.push(pack.object!)
    else byEpochs.set(epochs, [pack.object!])
  }
  return [...byEpochs].map(([epochs, blobs]) => store.extend(blobs, epochs))
}
