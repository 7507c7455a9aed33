import type { BlobId } from '../terms/blob-id.ts'
import { predecessorsOf } from '../tree/history/root-records.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { RootRecord } from '../tree/root-record.ts'
import { whyOf } from './damage.ts'

/** The snapshots of a drive, the latest first. */
export interface KeptSnapshots {
  readonly snapshots: readonly RootRecord[]
  /** The root record before the last of them is there by the table of packs and could not be read. */
  readonly lost: { readonly root: PieceRef; readonly why: string } | undefined
}

/** All snapshots whose root records lie in packs that the drive keeps. */
export async function keptSnapshots(
  source: NodeSource,
  root: RootRecord,
  kept: ReadonlySet<BlobId>,
  signal: AbortSignal,
): Promise<KeptSnapshots> {
  const snapshots = [root]
  const next = () => {
    const { predecessor } = snapshots.at(-1)!
    return predecessor && kept.has(predecessor.blob) ? predecessor : undefined
  }
  const before = predecessorsOf(source, root)
  while (next()) {
    signal.throwIfAborted()
    try {
      const { value } = await before.next()
      if (value) snapshots.push(value)
    } catch (error) {
      signal.throwIfAborted()
      return { snapshots, lost: { root: next()!, why: whyOf(error) } }
    }
  }
  return { snapshots, lost: undefined }
}
