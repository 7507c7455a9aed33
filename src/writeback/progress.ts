import type { Setback } from './backoff.ts'

/** Where a commit is on its way. */
export type CommitStep = 'append' | 'pack' | 'register' | 'upload' | 'commit'

/** How far a step of a commit is. */
export interface StepProgress {
  readonly step: CommitStep
  readonly done: number
  readonly total: number
}

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

/** What is done now, or why nothing is. */
export function activity(
  setback: Setback | undefined,
  progress: StepProgress | undefined,
  isDirty: boolean,
): Pick<WriteBackState, 'state' | 'step' | 'done' | 'total' | 'why' | 'tries' | 'nextTryMs'> {
  const busy = progress ? 'committing' : isDirty ? 'waiting' : 'idle'
  return {
    state: setback ? 'backing-off' : busy,
    step: progress?.step,
    done: progress?.done ?? 0,
    total: progress?.total ?? 0,
    why: setback?.why,
    tries: setback?.tries ?? 0,
    nextTryMs: setback?.nextTryMs,
  }
}
