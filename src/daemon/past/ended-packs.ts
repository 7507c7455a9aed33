import { PackLedger } from '../../renewal/ledger.ts'
import { isLost } from '../../renewal/lost-packs.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import type { Drive } from '../open-drive.ts'
import { chainTrouble } from '../renewal-report.ts'

/** Those of some packs of a drive that are no longer stored. Throws Trouble where the network cannot be asked. */
export async function endedPacks(
  { worktree, content, connection, state }: Drive,
  blobs: ReadonlySet<BlobId>,
  signal: AbortSignal,
): Promise<BlobId[]> {
  const { base } = worktree
  if (!base || blobs.size === 0) return []
  const { store } = connection
  try {
    const { epoch } = await store.prices(signal)
    const now = { epoch, freshUntil: epoch, endEpoch: state.root?.endEpoch ?? epoch + 1 }
    const ended: BlobId[] = []
    for (const life of await new PackLedger(store, content).packs(base, now, signal)) {
      if (blobs.has(life.blob) && (await isLost(life, epoch, store, signal))) ended.push(life.blob)
    }
    return ended
  } catch (error) {
    signal.throwIfAborted()
    throw chainTrouble(error)
  }
}
