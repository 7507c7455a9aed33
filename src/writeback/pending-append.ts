import type { FrozenRecord } from '../tree/worktree-api.ts'
import type { PendingCommit } from './pending-commit.ts'

/** A record on its way into the manifest. */
export interface PendingAppend {
  /** The journal segment that begins behind the freeze: also the number under which its steps are told. */
  readonly commit: number
  /** Staging segments up to this one hold its slices. */
  readonly stagingSegment: number
  readonly record: FrozenRecord
  /** The manifest's sequence number that it follows. */
  readonly expected: bigint
  /** Since when its oldest change was waiting, wall clock ms. */
  readonly oldestMs: number | undefined
}

/** What is being stored. */
export type Pending = PendingCommit | PendingAppend

export function isAppend(pending: Pending): pending is PendingAppend {
  return 'record' in pending
}
