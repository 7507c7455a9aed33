import type { StagingApi } from '../content/content-api.ts'
import { maxInlineBytes, maxInlineRecords, maxRecordBytes } from '../manifest/limits.ts'
import { ManifestError, type Manifest } from '../manifest/manifest.ts'
import type { ManifestHead } from '../manifest/manifest-head.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { WorktreeApi } from '../tree/worktree-api.ts'
import { freezeRecord } from './freeze-record.ts'
import type { PendingAppend } from './pending-append.ts'
import type { Stand } from './stand.ts'
import type { StateLog } from './state-log.ts'

/** What records are made with. */
export interface AppenderParts {
  readonly worktree: WorktreeApi
  readonly log: StateLog
  readonly staging: StagingApi
  readonly manifest: Pick<Manifest, 'append' | 'recordOverhead'>
  readonly stand: Stand
  readonly clock: Clock
  readonly says: Log
  /** Who appends, for people: a host name. */
  readonly writer: string
}

/**
 * Carries small changes into the manifest: one transaction, no blob. Like a commit, a record is in the journal before it is
 * sent, so that `advance` may be called again after any failure, or after a crash with what the journal tells.
 */
export class Appender {
  readonly #parts: AppenderParts
  /** The manifest took no record of ours: no other is tried before the next commit. */
  #refusedOn: ManifestHead['root'] | null = null

  constructor(parts: AppenderParts) {
    this.#parts = parts
  }

  /** Freezes the worktree, in one turn. Undefined, and nothing happens, where the changes are no small ones or the manifest is full. */
  begin(oldestMs: number | undefined, expected: bigint): PendingAppend | undefined {
    const { worktree, log, staging, stand, clock, writer } = this.#parts
    if (this.#refusedOn === stand.head.root) return undefined
    const head = { timeMs: clock.now(), writer }
    const overhead = this.#parts.manifest.recordOverhead ?? 0
    const record = freezeRecord(worktree, staging, head, roomFor(stand.head, overhead))
    if (!record) return undefined
    try {
      const commit = log.rotate()
      const stagingSegment = staging.seal()
      log.commit({ step: 'begin', commit, stagingSegment })
      const { bytes } = record
      log.commit({ step: 'appending', commit, expected: String(expected), record: bytes })
      return { commit, stagingSegment, record, expected, oldestMs }
    } catch (error) {
      worktree.thaw(record)
      throw error
    }
  }

  /** Whether all that waits now would go into the manifest. */
  fits(): boolean {
    const { worktree, staging, stand, manifest } = this.#parts
    if (this.#refusedOn === stand.head.root) return false
    const room = roomFor(stand.head, manifest.recordOverhead ?? 0)
    const record = freezeRecord(worktree, staging, { timeMs: 0, writer: this.#parts.writer }, room)
    if (record) worktree.thaw(record)
    return record !== undefined
  }

  /**
   * Does what is left; resolves with the manifest's new sequence number. Throws what stands in the way: ManifestError
   * `conflict` when someone else was first, `inline-full` or `rejected` when a commit is to be made (then `abandon`), else
   * call again.
   */
  async advance(pending: PendingAppend, signal: AbortSignal): Promise<bigint> {
    const { log, manifest, stand } = this.#parts
    await log.sync()
    try {
      const { sequence } = await manifest.append(pending.expected, pending.record.bytes, signal)
      await this.#settle(pending)
      return sequence
    } catch (error) {
      if (isRefusal(error)) this.#refusedOn = stand.head.root
      throw error
    }
  }

  /** Gives a record up: its changes wait again. */
  async abandon(pending: PendingAppend): Promise<void> {
    const { worktree, log } = this.#parts
    log.commit({ step: 'abandoned', commit: pending.commit })
    worktree.thaw(pending.record)
    await log.sync()
  }

  /** The manifest has it. The journal comes first: when it takes no more, the next try finds the record on chain. */
  async #settle({ commit, record, stagingSegment }: PendingAppend): Promise<void> {
    const { worktree, log, staging, stand, says } = this.#parts
    const head = { root: stand.head.root, inline: [...stand.head.inline, record.bytes] }
    log.commit({ step: 'appended', commit, ...head })
    worktree.appended(record)
    stand.head = head
    try {
      await log.sync()
      await log.dropBefore(commit)
      await staging.release(stagingSegment, worktree.slices())
    } catch (error) {
      says.warn('what a record no longer needs could not be deleted; the next commit will', {
        why: error instanceof Error ? error.message : String(error),
      })
    }
  }
}

/** The manifest takes no such record; a commit empties it. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof ManifestError && (error.code === 'inline-full' || error.code === 'rejected')
  )
}

/** The longest record that the manifest takes besides those that it has. */
function roomFor({ inline }: ManifestHead, overhead: number): number {
  if (inline.length >= maxInlineRecords) return 0
  const used = inline.reduce((sum, { length }) => sum + length + overhead, 0)
  return Math.max(0, Math.min(maxRecordBytes, maxInlineBytes - used) - overhead)
}
