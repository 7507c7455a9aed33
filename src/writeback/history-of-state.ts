import type { ManifestRoot } from '../manifest/manifest.ts'
import type { ManifestHead } from '../manifest/manifest-head.ts'
import type { RegisteredBlob, UploadedBlob } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { Change } from '../tree/change.ts'
import type { CommitRecord, MadePack } from './commit-record.ts'
import type { StateRecord } from './state-log.ts'

/** A commit that a crash interrupted, as far as its steps are known. */
export interface InterruptedCommit {
  readonly commit: number
  readonly stagingSegment: number
  packs: readonly MadePack[] | undefined
  root: ManifestRoot | undefined
  /** It is to go into the manifest as a record, behind a sequence number. */
  append: { readonly expected: bigint; readonly bytes: Uint8Array } | undefined
  registered: readonly RegisteredBlob[] | undefined
  readonly uploaded: Map<BlobId, UploadedBlob>
}

/** What a state directory's journal says. */
export interface StateHistory {
  /** What the changes are relative to; without a root: an empty drive, or nothing is known (see `known`). */
  readonly base: ManifestHead
  /** False for a journal without any record: take what the manifest says. */
  readonly known: boolean
  /** Changes that the interrupted commit has taken; all changes when there is none. */
  readonly before: readonly Change[]
  /** Changes made after its freeze. */
  readonly after: readonly Change[]
  readonly interrupted: InterruptedCommit | undefined
}

/**
 * Reads the journal's records as a whole: which root the changes are relative to, which of them count, and how far the last
 * commit came. A rebase without its end never happened: what its segment states is said by those before it, too.
 */
export function historyOfState(records: Iterable<StateRecord>): StateHistory {
  const all = [...records]
  const unfinished = unfinishedRebases(all)
  const counted = all.filter(({ segment }) => !unfinished.has(segment))
  const steps = new StepsOfCommits()
  for (const item of counted) if (item.kind === 'commit') steps.take(item.record)
  const changesOf = (from: number, to: number) =>
    counted.flatMap((item) =>
      item.kind === 'change' && item.segment >= from && item.segment < to ? [item.change] : [],
    )
  const border = steps.interrupted?.commit ?? Infinity
  return {
    base: steps.base,
    known: all.length > 0,
    before: changesOf(steps.firstSegment, border),
    after: changesOf(border, Infinity),
    interrupted: steps.interrupted,
  }
}

/** Follows the steps, one record after the other. */
class StepsOfCommits {
  base: ManifestHead = { root: undefined, inline: [] }
  /** Changes of lower segments are in the base. */
  firstSegment = 0
  interrupted: InterruptedCommit | undefined

  take(record: CommitRecord): void {
    switch (record.step) {
      case 'base':
        this.base = headOf(record)
        return
      case 'begin':
        this.interrupted = begun(record.commit, record.stagingSegment)
        return
      case 'committed':
        return this.#settle(record.commit, { root: record.root, inline: [] })
      case 'appended':
        return this.#settle(record.commit, headOf(record))
      case 'rebasing':
        return this.#settle(record.segment, headOf(record))
      case 'abandoned':
        this.interrupted = undefined
        return
      case 'rebased':
        return
      case 'appending':
      case 'packed':
      case 'registered':
      case 'uploaded':
        if (this.interrupted?.commit === record.commit) goOn(this.interrupted, record)
    }
  }

  #settle(segment: number, base: ManifestHead): void {
    this.base = base
    this.firstSegment = segment
    this.interrupted = undefined
  }
}

function headOf({ root, inline = [] }: Partial<ManifestHead>): ManifestHead {
  return { root, inline }
}

function begun(commit: number, stagingSegment: number): InterruptedCommit {
  const nothing = { packs: undefined, root: undefined, append: undefined, registered: undefined }
  return { commit, stagingSegment, ...nothing, uploaded: new Map() }
}

function goOn(
  commit: InterruptedCommit,
  record: Extract<CommitRecord, { step: 'appending' | 'packed' | 'registered' | 'uploaded' }>,
): void {
  switch (record.step) {
    case 'appending':
      commit.append = { expected: BigInt(record.expected), bytes: record.record }
      return
    case 'packed':
      commit.append = undefined
      commit.packs = record.packs
      commit.root = record.root
      commit.registered = undefined
      commit.uploaded.clear()
      return
    case 'registered':
      commit.registered = record.blobs
      return
    case 'uploaded':
      commit.uploaded.set(record.blob.blobId, record.blob)
  }
}

function unfinishedRebases(records: readonly StateRecord[]): Set<number> {
  const open = new Set<number>()
  for (const item of records) {
    if (item.kind !== 'commit') continue
    if (item.record.step === 'rebasing') open.add(item.record.segment)
    if (item.record.step === 'rebased') open.delete(item.record.segment)
  }
  return open
}
