import type { ManifestState } from '../manifest/manifest.ts'
import { sameRoot } from '../manifest/same-root.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { ObjectId } from '../terms/object-id.ts'
import type { Change } from '../tree/change.ts'
import type { WorktreeApi } from '../tree/worktree-api.ts'
import { Backoff } from './backoff.ts'
import { isConflict, type Committer } from './committer.ts'
import type { PendingCommit } from './pending-commit.ts'
import type { CommitStep, WriteBackState } from './progress.ts'
import type { Rebaser } from './rebaser.ts'
import type { Schedule } from './schedule.ts'

/** What the write-back works with. */
export interface WriteBackParts {
  readonly worktree: Pick<WorktreeApi, 'dirty'>
  readonly committer: Pick<
    Committer,
    'begin' | 'advance' | 'abandon' | 'rebased' | 'baseRoot' | 'uploadedBytes'
  >
  readonly rebaser: Pick<Rebaser, 'load' | 'rebase'>
  readonly schedule: Schedule
  readonly clock: Clock
  readonly log: Log
}

/** A wait for commits, told how it goes. */
interface Waiter {
  readonly ticket: number
  readonly resolve: () => void
}

/**
 * Stores what was written, behind the back of whoever wrote it: one commit after the other, when the schedule says so or
 * somebody waits. What fails is tried again for ever; the changes are safe in the state directory meanwhile.
 */
export class WriteBack {
  readonly #parts: WriteBackParts
  readonly #backoff = new Backoff()
  readonly #waiters = new Set<Waiter>()
  readonly #stopping = new AbortController()
  #sequence: bigint
  #pending: PendingCommit | undefined
  /** A state of the manifest that someone else made and we have not taken over. */
  #remote: ManifestState | undefined
  #begun = 0
  #committed = 0
  #progress: { step: CommitStep; done: number; total: number } | undefined
  #commits = 0
  #conflicts = 0
  #committedMs: number | undefined
  #retry: AbortController | undefined
  #running: Promise<void> | undefined
  /** One round of commits, or one work that wants to be alone, at a time. */
  #turns: Promise<void> = Promise.resolve()

  /** `sequence` is the manifest's that the worktree stands on; `pending` a commit that a crash interrupted. */
  constructor(parts: WriteBackParts, sequence: bigint, pending?: PendingCommit) {
    this.#parts = parts
    this.#sequence = sequence
    this.#pending = pending
    if (pending) this.#begun++
  }

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal)
  }

  /** Ends the loop. What is not committed stays for the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the write-back ends'))
    await this.#running
  }

  /** A change was made and is in the journal. */
  changed(change: Change): void {
    this.#parts.schedule.changed(change.type === 'write' ? change.slice.length : 0)
  }

  /** The manifest moved, by us or by someone else. */
  moved(state: ManifestState): void {
    if (state.sequence <= this.#sequence) return
    this.#remote = state
    this.#parts.schedule.nudge()
  }

  /**
   * Runs work that moves the manifest by itself while no commit is under way, then takes over what it did. Changes may be made
   * meanwhile; they wait.
   */
  async alone<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const turn = this.#turns.then(async () => {
      signal.throwIfAborted()
      return work()
    })
    this.#turns = turn.then(
      () => {},
      () => {},
    )
    const result = await turn
    this.moved(await this.#parts.rebaser.load(signal))
    return result
  }

  /** Everything changed before the call is committed when it resolves. Rejects only when the signal aborts. */
  async sync(signal: AbortSignal): Promise<bigint> {
    signal.throwIfAborted()
    const fresh = this.#parts.schedule.oldestMs !== undefined
    const ticket = this.#begun + (fresh ? 1 : 0)
    if (this.#committed < ticket) await this.#wait(ticket, signal)
    return this.#sequence
  }

  /** Blob objects that a commit under way is uploading for. */
  get uploading(): readonly ObjectId[] {
    return (this.#pending?.registered ?? []).map(({ objectId }) => objectId)
  }

  get status(): WriteBackState {
    const { schedule } = this.#parts
    const { setback } = this.#backoff
    return {
      state: setback
        ? 'backing-off'
        : this.#progress
          ? 'committing'
          : this.#dirty
            ? 'waiting'
            : 'idle',
      step: this.#progress?.step,
      done: this.#progress?.done ?? 0,
      total: this.#progress?.total ?? 0,
      why: setback?.why,
      tries: setback?.tries ?? 0,
      nextTryMs: setback?.nextTryMs,
      oldestDirtyMs: this.#pending?.oldestMs ?? schedule.oldestMs,
      commits: this.#commits,
      conflicts: this.#conflicts,
      uploadedBytes: this.#parts.committer.uploadedBytes,
      committedMs: this.#committedMs,
      sequence: this.#sequence,
    }
  }

  get #dirty(): boolean {
    return this.#pending !== undefined || this.#parts.worktree.dirty
  }

  #wait(ticket: number, signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const abort = () => {
        this.#waiters.delete(waiter)
        reject(signal.reason as Error)
      }
      const waiter: Waiter = {
        ticket,
        resolve: () => {
          signal.removeEventListener('abort', abort)
          resolve()
        },
      }
      signal.addEventListener('abort', abort, { once: true })
      this.#waiters.add(waiter)
      this.#parts.schedule.hurry()
      this.#retry?.abort(hurried)
    })
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (!this.#pending && !this.#remote) await this.#parts.schedule.due(signal)
        const round = this.#turns.then(() => this.#round(signal))
        this.#turns = round.catch(() => {})
        await round
        this.#backoff.succeeded()
      } catch (error) {
        if (signal.aborted) return
        await this.#setBack(error, signal)
      }
      this.#progress = undefined
    }
  }

  /** One step forward: takes over what others did, or commits what we did. */
  async #round(signal: AbortSignal): Promise<void> {
    const { schedule, worktree, committer } = this.#parts
    if (this.#remote && !this.#pending) await this.#takeOver(this.#remote)
    // What others commit is no reason to commit at once: two writers would drive each other.
    if (worktree.dirty && schedule.oldestMs === undefined && !this.#pending) schedule.changed(0)
    if (!this.#pending && worktree.dirty && schedule.isDue) {
      this.#pending = committer.begin(schedule.taken())
      this.#begun++
    }
    if (this.#pending) await this.#advance(this.#pending, signal)
    else if (!worktree.dirty) schedule.taken()
    this.#wakeWaiters()
  }

  async #advance(pending: PendingCommit, signal: AbortSignal): Promise<void> {
    const { committer, schedule, clock } = this.#parts
    const progress = (step: CommitStep, done: number, total: number) => {
      this.#progress = { step, done, total }
    }
    try {
      this.#sequence = await committer.advance(pending, this.#sequence, progress, signal)
      this.#commits++
      this.#committedMs = clock.now()
    } catch (error) {
      if (!isConflict(error)) throw error
      this.#conflicts++
      await committer.abandon(pending)
      schedule.restore(pending.oldestMs)
      this.#pending = undefined
      this.#begun--
      schedule.hurry()
      await this.#takeOver(await this.#parts.rebaser.load(signal))
      return
    }
    this.#pending = undefined
    this.#committed = this.#begun
  }

  async #takeOver(state: ManifestState): Promise<void> {
    await this.#standOn(state)
    if (this.#remote && this.#remote.sequence <= this.#sequence) this.#remote = undefined
  }

  /** The manifest is at that state: nothing to do where it is one that we have seen, or made. */
  async #standOn(state: ManifestState): Promise<void> {
    if (state.sequence <= this.#sequence) return
    const { committer, rebaser } = this.#parts
    // A renewal, or a commit of ours whose answer was lost: the tree is the one that we have.
    const known = state.root === undefined || sameRoot(committer.baseRoot, state.root)
    if (state.root && !known) {
      await rebaser.rebase(state.root)
      committer.rebased(state.root)
    }
    this.#sequence = state.sequence
  }

  #wakeWaiters(): void {
    const reached = this.#dirty ? this.#committed : Infinity
    for (const waiter of this.#waiters) {
      if (waiter.ticket > reached) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }

  async #setBack(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts
    const waitMs = this.#backoff.failed(error, clock.now())
    log.warn('a commit waits', {
      why: this.#backoff.setback?.why,
      tries: this.#backoff.setback?.tries,
      waitMs,
    })
    this.#retry = new AbortController()
    const either = AbortSignal.any([signal, this.#retry.signal])
    await clock.sleep(waitMs, either).catch(() => {})
    this.#retry = undefined
  }
}

const hurried = new Error('somebody waits')
