/** Where a commit is on its way. */
export type CommitStep = 'append' | 'pack' | 'register' | 'upload' | 'commit'

/** How far the write-back is. */
export interface WriteBackState {
  readonly state: 'idle' | 'waiting' | 'committing' | 'backing-off'
  /** While committing: the step, and bytes of it done. */
  readonly step: CommitStep | undefined
  readonly done: number
  readonly total: number
  /** While backing off: why, how often tried, and when next (wall clock, ms). */
  readonly why: string | undefined
  readonly tries: number
  readonly nextTryMs: number | undefined
  readonly oldestDirtyMs: number | undefined
  readonly commits: number
  /** Small changes that went into the manifest. */
  readonly appends: number
  readonly conflicts: number
  readonly uploadedBytes: number
  readonly committedMs: number | undefined
  readonly sequence: bigint
}
