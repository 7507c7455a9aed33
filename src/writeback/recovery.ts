import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { StagingApi } from '../content/content-api.ts'
import type { ManifestState } from '../manifest/manifest.ts'
import { headOf, sameHead, type ManifestHead } from '../manifest/manifest-head.ts'
import { sameRoot } from '../manifest/same-root.ts'
import type { Log } from '../runtime/log.ts'
import { StoreError } from '../store/blob-store.ts'
import { FsError } from '../terms/errno.ts'
import { decodeRecord } from '../tree/format/record-format.ts'
import type { WorktreeApi } from '../tree/worktree-api.ts'
import { freezeRecord } from './freeze-record.ts'
import type { InterruptedCommit, StateHistory } from './history-of-state.ts'
import { namedSlices } from './named-slices.ts'
import type { Pending } from './pending-append.ts'
import type { PackedCommit } from './pending-commit.ts'
import { resumePacks, type ResumeParts } from './resume-packs.ts'
import type { StateLog } from './state-log.ts'

/** What a start works with. */
export interface RecoveryParts {
  readonly log: StateLog
  readonly staging: StagingApi
  readonly resume: ResumeParts
  readonly says: Log
  /** Something a person should know at once. */
  readonly warn: (text: string) => void
  /** States of the manifest before the present one, newest first. */
  readonly past: () => AsyncIterable<ManifestState>
  /** A worktree that stands on what a manifest says. */
  readonly open: (head: ManifestHead) => Promise<WorktreeApi>
}

/** Where a start found the drive. */
export interface Recovered {
  readonly worktree: WorktreeApi
  /** What the worktree stands on. */
  readonly head: ManifestHead
  /** A commit, or a record, to go on with. */
  readonly pending: Pending | undefined
  /** Changes of an earlier run that are not committed. */
  readonly changes: number
  /** The manifest says something else since: it is to be taken over before any commit. */
  readonly moved: boolean
}

/** What was changed here stands on a tree that is no longer stored: others have stored newer ones, and deleted it. */
export class BaseGone extends Error {
  override readonly name = 'BaseGone'
  /** How many. */
  readonly changes: number

  constructor(changes: number, options?: ErrorOptions) {
    super(`the tree below ${changes} changes is no longer stored`, options)
    this.changes = changes
  }
}

/**
 * Brings back what an earlier run had: the worktree as it was, a commit where it stopped. A commit that the chain knows
 * although its answer was lost is taken as done; one that somebody else's came before is given up. Throws ManifestError where that cannot
 * be told now, and BaseGone.
 */
export async function recover(
  history: StateHistory,
  state: ManifestState,
  parts: RecoveryParts,
): Promise<Recovered> {
  const { log, says } = parts
  const { interrupted } = history
  if (!history.known) log.commit({ step: 'base', ...headOf(state) })
  await keepStaging(history, parts)
  const reached = interrupted && (await reachedBy(interrupted, history.base, state, parts))
  if (reached) {
    says.info('what the run before was storing is on chain', { sequence: Number(state.sequence) })
    return adopt(history, interrupted, reached, state, parts)
  }
  const head = history.known ? history.base : headOf(state)
  const moved = hasMoved(state, head)
  const changes = history.before.length + history.after.length
  if (moved && changes === 0) return present(interrupted, state, parts)
  const worktree = await parts.open(head).catch((error: unknown) => {
    throw moved && isGone(error) ? new BaseGone(changes, { cause: error }) : error
  })
  await worktree.replay(history.before)
  if (moved && interrupted) log.commit({ step: 'abandoned', commit: interrupted.commit })
  const pending = interrupted && !moved ? await goOn(worktree, interrupted, parts) : undefined
  await worktree.replay(history.after)
  sweepPacks(pending && 'packed' in pending ? pending.packed : undefined, parts.resume.directory)
  return { worktree, head, pending, changes, moved }
}

/** Where nothing of ours has to be taken along, what it stood on is not asked for: others may have deleted it long ago. */
async function present(
  interrupted: InterruptedCommit | undefined,
  state: ManifestState,
  parts: RecoveryParts,
): Promise<Recovered> {
  const { log } = parts
  const head = headOf(state)
  const worktree = await parts.open(head)
  if (interrupted) log.commit({ step: 'abandoned', commit: interrupted.commit })
  log.commit({ step: 'base', ...head })
  sweepPacks(undefined, parts.resume.directory)
  return { worktree, head, pending: undefined, changes: 0, moved: false }
}

/** Farther back nobody looks. */
const longestWalk = 300

/**
 * What the manifest said when it had taken what was being stored: now, or before others have changed it. Undefined where it never
 * did, or where the full node no longer tells.
 */
async function reachedBy(
  interrupted: InterruptedCommit,
  base: ManifestHead,
  state: ManifestState,
  { past }: RecoveryParts,
): Promise<ManifestHead | undefined> {
  const { root, append } = interrupted
  const after = (then: ManifestState): ManifestHead | undefined => {
    if (root && sameRoot(then.root, root)) return { root, inline: [] }
    if (!append || !hasRecord(then, append)) return undefined
    return { root: base.root, inline: [...base.inline, append.bytes] }
  }
  const now = after(state)
  if (now || (!root && !append) || !hasMoved(state, base)) return now
  let left = longestWalk
  for await (const then of past()) {
    const head = after(then)
    if (head || left-- === 0 || sameHead(base, headOf(then))) return head
  }
  return undefined
}

function isGone(error: unknown): boolean {
  if (error instanceof StoreError) return error.code === 'not-found'
  return error instanceof FsError && isGone(error.cause)
}

function hasMoved(state: ManifestState, head: ManifestHead): boolean {
  const isThere = state.root !== undefined || state.inline.length > 0
  return isThere && !sameHead(head, headOf(state))
}

/** No commit has emptied the manifest of it since. */
function hasRecord(
  { rootSequence, inline }: ManifestState,
  { expected, bytes }: NonNullable<InterruptedCommit['append']>,
): boolean {
  const there = inline[Number(expected - rootSequence)]
  return there !== undefined && Buffer.compare(there, bytes) === 0
}

/** The chain knows the commit, or the record: only what came after it is still to be done. */
async function adopt(
  history: StateHistory,
  interrupted: InterruptedCommit,
  head: ManifestHead,
  state: ManifestState,
  parts: RecoveryParts,
): Promise<Recovered> {
  const { log, staging } = parts
  const worktree = await parts.open(head)
  const { commit, root } = interrupted
  if (root) log.commit({ step: 'committed', commit, root })
  else log.commit({ step: 'appended', commit, ...head })
  await worktree.replay(history.after)
  await log.sync()
  await log.dropBefore(commit)
  await staging.release(interrupted.stagingSegment, worktree.slices())
  sweepPacks(undefined, parts.resume.directory)
  const changes = history.after.length
  return { worktree, head, pending: undefined, changes, moved: hasMoved(state, head) }
}

async function goOn(
  worktree: WorktreeApi,
  interrupted: InterruptedCommit,
  parts: RecoveryParts,
): Promise<Pending> {
  const again = interrupted.append && sameRecord(worktree, interrupted, parts)
  if (again) return again
  const frozen = worktree.freeze()
  const { commit, stagingSegment, packs, root, registered, uploaded } = interrupted
  const pending = { commit, stagingSegment, frozen, oldestMs: Date.now(), done: false }
  const afresh = { ...pending, packed: undefined, registered: undefined, uploaded: new Map() }
  if (!packs || !root) return afresh
  try {
    const packed = await resumePacks(frozen, packs, root, parts.resume)
    return { ...pending, packed, registered, uploaded }
  } catch (error) {
    parts.says.warn('the packs of the interrupted commit cannot be used; they are made anew', {
      why: error instanceof Error ? error.message : String(error),
    })
    worktree.thaw(frozen)
    return { ...afresh, frozen: worktree.freeze() }
  }
}

/** The record that was to be sent, if the changes still give the same one; else they go into a commit. */
function sameRecord(
  worktree: WorktreeApi,
  { commit, stagingSegment, append }: InterruptedCommit,
  { resume, says }: RecoveryParts,
): Pending | undefined {
  const { bytes, expected } = append!
  const record = freezeRecord(worktree, resume.staging, decodeRecord(bytes), bytes.length)
  if (record && Buffer.compare(record.bytes, bytes) === 0) {
    return { commit, stagingSegment, record, expected, oldestMs: Date.now() }
  }
  says.warn('the record that was being sent cannot be made again; its changes go into a commit')
  if (record) worktree.thaw(record)
  return undefined
}

/** Bytes that the journal names and the disk has lost are said; the files that show them give EIO there. */
async function keepStaging(history: StateHistory, { staging, warn }: RecoveryParts): Promise<void> {
  const lost = await staging.retainOnly(namedSlices(history))
  const bytes = lost.reduce((sum, slice) => sum + slice.length, 0)
  if (bytes) {
    warn(
      `${bytes} bytes that were written here are gone from the state directory (lost or damaged files); reads of them fail`,
    )
  }
}

/** Deletes pack files that no commit waits for. */
function sweepPacks(packed: PackedCommit | undefined, directory: string): void {
  const kept = new Set(packed?.packs.map((pack) => pack.file))
  for (const file of readdirSync(directory)) {
    if (file.endsWith('.pack') && !kept.has(file)) rmSync(join(directory, file), { force: true })
  }
}
