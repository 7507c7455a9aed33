import type { ManifestRoot } from '../manifest/manifest.ts'
import type { RegisteredBlob, UploadedBlob } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { RootRecord } from '../tree/root-record.ts'
import type { FrozenTree } from '../tree/worktree-api.ts'
import type { MadePack } from './commit-record.ts'
import type { SettledSlices } from './settled-slices.ts'

/** A commit under way, as far as it has come. Each field that is there is in the journal, too. */
export interface PendingCommit {
  /** The journal segment that begins behind the freeze: also the commit's number. */
  readonly commit: number
  /** Staging segments up to this one hold its slices. */
  readonly stagingSegment: number
  readonly frozen: FrozenTree
  /** Since when its oldest change was waiting, wall clock ms. */
  readonly oldestMs: number | undefined
  packed: PackedCommit | undefined
  registered: readonly RegisteredBlob[] | undefined
  readonly uploaded: Map<BlobId, UploadedBlob>
  /** The worktree stands on it. */
  done: boolean
}

/** The packs of a commit and what the tree will look like. */
export interface PackedCommit {
  /** In the order in which they were made. */
  readonly packs: readonly MadePack[]
  readonly settled: SettledSlices
  readonly record: RootRecord
  readonly root: ManifestRoot
  /** Stored bytes of the last pack that the tree names, which its own table cannot say; undefined after a restart. */
  readonly lastLive: number | undefined
}

/** One of each: packs of the same bytes, as where a file repeats what is as long as a pack, are one blob. */
export function distinctPacks({ packs }: Pick<PackedCommit, 'packs'>): MadePack[] {
  return [...new Map(packs.map((pack) => [pack.blobId, pack])).values()]
}

/** Bytes of all blobs. */
export function packBytes(packed: Pick<PackedCommit, 'packs'>): number {
  return distinctPacks(packed).reduce((sum, pack) => sum + pack.bytes, 0)
}
