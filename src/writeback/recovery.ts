import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { StagingApi } from '../content/content-api.ts'
import type { ManifestRoot, ManifestState } from '../manifest/manifest.ts'
import { sameRoot } from '../manifest/same-root.ts'
import type { Log } from '../runtime/log.ts'
import type { WorktreeApi } from '../tree/worktree-api.ts'
import type { InterruptedCommit, StateHistory } from './history-of-state.ts'
import { namedSlices } from './named-slices.ts'
import type { PackedCommit, PendingCommit } from './pending-commit.ts'
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
  /** A worktree that stands on a root (of an empty drive: undefined). */
  readonly open: (root: ManifestRoot | undefined) => Promise<WorktreeApi>
}

/** Where a start found the drive. */
export interface Recovered {
  readonly worktree: WorktreeApi
  /** The root under the worktree. */
  readonly baseRoot: ManifestRoot | undefined
  /** A commit to go on with. */
  readonly pending: PendingCommit | undefined
  /** Changes of an earlier run that are not committed. */
  readonly changes: number
  /** The manifest has moved to another root since: it is to be taken over before any commit. */
  readonly moved: boolean
}

/**
 * Brings back what an earlier run had: the worktree as it was, a commit where it stopped. A commit that the chain knows
 * although its answer was lost is taken as done; one that somebody else's came before is given up.
 */
export async function recover(
  history: StateHistory,
  state: ManifestState,
  parts: RecoveryParts,
): Promise<Recovered> {
  const { log, says } = parts
  const { interrupted } = history
  if (!history.known) log.commit({ step: 'base', root: state.root })
  await keepStaging(history, parts)
  if (interrupted?.root && sameRoot(state.root, interrupted.root)) {
    says.info('the last commit of the run before is on chain', { root: interrupted.root.blob })
    return adopt(history, interrupted, interrupted.root, parts)
  }
  const baseRoot = history.known ? history.base : state.root
  const worktree = await parts.open(baseRoot)
  await worktree.replay(history.before)
  const moved = state.root !== undefined && !sameRoot(baseRoot, state.root)
  if (moved && interrupted) log.commit({ step: 'abandoned', commit: interrupted.commit })
  const pending = interrupted && !moved ? await goOn(worktree, interrupted, parts) : undefined
  await worktree.replay(history.after)
  sweepPacks(pending?.packed, parts.resume.directory)
  const changes = history.before.length + history.after.length
  return { worktree, baseRoot, pending, changes, moved }
}

/** The chain knows the commit: only what came after it is still to be done. */
async function adopt(
  history: StateHistory,
  interrupted: InterruptedCommit,
  root: ManifestRoot,
  parts: RecoveryParts,
): Promise<Recovered> {
  const { log, staging } = parts
  const worktree = await parts.open(root)
  log.commit({ step: 'committed', commit: interrupted.commit, root })
  await worktree.replay(history.after)
  await log.sync()
  await log.dropBefore(interrupted.commit)
  await staging.release(interrupted.stagingSegment, worktree.slices())
  sweepPacks(undefined, parts.resume.directory)
  const changes = history.after.length
  return { worktree, baseRoot: root, pending: undefined, changes, moved: false }
}

async function goOn(
  worktree: WorktreeApi,
  interrupted: InterruptedCommit,
  parts: RecoveryParts,
): Promise<PendingCommit> {
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
