import type { ManifestState } from '../manifest/manifest.ts'
import { headOf, sameHead } from '../manifest/manifest-head.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { ObjectId } from '../terms/object-id.ts'
import type { Change } from '../tree/change.ts'
import type { WorktreeApi } from '../tree/worktree-api.ts'
import { Backoff } from './backoff.ts'
import { isRefusal, type Appender } from './appender.ts'
import { OverBudget, type CommitBudget } from './commit-budget.ts'
import { isConflict, type Committer } from './committer.ts'
import { isAppend, type Pending } from './pending-append.ts'
import { activity, type CommitStep, type StepProgress, type WriteBackState } from './progress.ts'
import type { Rebaser } from './rebaser.ts'
import type { Schedule } from './schedule.ts'
import { Waiters } from './waiters.ts'
import type { Stand } from './stand.ts'

/** What the write-back works with. */
export interface WriteBackParts {
  readonly worktree: Pick<WorktreeApi, 'dirty'>
  readonly committer: Pick<Committer, 'begin' | 'advance' | 'abandon' | 'uploadedBytes'>
  /** Undefined: all changes go into packs. */
  readonly appender: Pick<Appender, 'begin' | 'advance' | 'abandon'> | undefined
  readonly stand: Pick<Stand, 'head'>
  readonly rebaser: Pick<Rebaser, 'load' | 'rebase'>
  readonly schedule: Schedule
  /** Throws ManifestError `leased` while another writer has the drive alone: nothing is begun then. */
  readonly lease?: { check(): void } | undefined
  /** @default no limit */
  readonly budget?: Pick<CommitBudget, 'check' | 'allow'> | undefined
  readonly clock: Clock
  readonly log: Log
}

/**
 * Stores what was written, behind the back of whoever wrote it: one commit after the other, when the schedule says so or
 * somebody waits. What fails is tried again for ever; the changes are safe in the state directory meanwhile.
 */
export class WriteBack {
  readonly #parts: WriteBackParts
  readonly #backoff = new Backoff()
  readonly #waiters = new Waiters()
  readonly #stopping = new AbortController()
  #sequence: bigint
  #pending: Pending | undefined
  /** A state of the manifest that someone else made and we have not taken over. */
  #remote: ManifestState | undefined
  /** The next commit is to take up what lies in the manifest, whatever else is to be stored. */
  #folding = false
  #begun = 0
  #committed = 0
  #progress: StepProgress | undefined
  #commits = 0
  #appends = 0
  #conflicts = 0
  #committedMs: number | undefined
  #retry: AbortController | undefined
  #running: Promise<void> | undefined
  /** One round of commits, or one work that wants to be alone, at a time. */
  #turns: Promise<void> = Promise.resolve()

  /** `sequence` is the manifest's that the worktree stands on; `pending` what a crash interrupted. */
  constructor(parts: WriteBackParts, sequence: bigint, pending?: Pending) {
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
    this.again()
  }

  /** What stood in the way may be gone: not waited for any longer. */
  again(): void {
    this.#retry?.abort(hurried)
  }

  /**
   * Runs work that moves the manifest by itself while no commit is under way, then takes over what it did. Changes may be made
   * meanwhile; they wait.
   */
  async alone<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const turn = this.#turns.then(async () => {
      signal.throwIfAborted()
      this.#parts.lease?.check()
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

  /**
   * What lies in the manifest as small records is in packs when it resolves, with all that waits here. Rejects when the
   * signal aborts, and with OverBudget.
   */
  async fold(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    while (this.#parts.stand.head.inline.length > 0) {
      this.#folding = true
      this.#parts.schedule.changed(0)
      await this.#wait(this.#begun + 1, signal)
    }
  }

  /**
   * Everything changed before the call is committed when it resolves. Rejects when the signal aborts, and with OverBudget;
   * `overBudget`: whatever it costs.
   */
  async sync(signal: AbortSignal, overBudget = false): Promise<bigint> {
    signal.throwIfAborted()
    const end = overBudget ? this.#parts.budget?.allow() : undefined
    try {
      const fresh = this.#parts.schedule.oldestMs !== undefined
      const ticket = this.#begun + (fresh ? 1 : 0)
      if (this.#committed < ticket) await this.#wait(ticket, signal)
      return this.#sequence
    } finally {
      end?.()
    }
  }

  /** Blob objects that a commit under way is uploading for. */
  get uploading(): readonly ObjectId[] {
    const pending = this.#pending
    if (!pending || isAppend(pending)) return []
    return (pending.registered ?? []).map(({ objectId }) => objectId)
  }

  get status(): WriteBackState {
    const { schedule } = this.#parts
    const { setback } = this.#backoff
    return {
      ...activity(setback, this.#progress, this.#dirty),
      oldestDirtyMs: this.#pending?.oldestMs ?? schedule.oldestMs,
      commits: this.#commits,
      appends: this.#appends,
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
    const done = this.#waiters.wait(ticket, signal)
    this.#parts.schedule.hurry()
    this.again()
    return done
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
    const { schedule, worktree, stand } = this.#parts
    if (this.#remote && !this.#pending) await this.#takeOver(this.#remote)
    // What others commit is no reason to commit at once: two writers would drive each other.
    if (worktree.dirty && schedule.oldestMs === undefined && !this.#pending) schedule.changed(0)
    const folds = this.#folding && stand.head.inline.length > 0
    if (!this.#pending && (worktree.dirty || folds)) this.#begin(folds)
    if (this.#pending) await this.#advance(this.#pending, signal)
    else if (!worktree.dirty) schedule.taken()
    this.#waiters.wake(this.#dirty ? this.#committed : Infinity)
  }

  /** Begins to store what is due: as a record in the manifest where it fits and is wanted, else as a commit. */
  #begin(folds: boolean): void {
    const { schedule, committer, appender, lease, budget } = this.#parts
    const { isDue } = schedule
    if (!isDue && !schedule.isSmallDue) return
    lease?.check()
    this.#folding = false
    this.#pending = folds ? undefined : appender?.begin(schedule.oldestMs, this.#sequence)
    if (this.#pending) schedule.taken()
    else if (isDue) {
      budget?.check()
      this.#pending = committer.begin(schedule.taken())
    } else schedule.tooLarge()
    if (this.#pending) this.#begun++
  }

  async #advance(pending: Pending, signal: AbortSignal): Promise<void> {
    const { schedule, clock } = this.#parts
    try {
      this.#sequence = await this.#store(pending, signal)
      this.#committedMs = clock.now()
    } catch (error) {
      const isRefused = isAppend(pending) && isRefusal(error)
      const isOver = error instanceof OverBudget
      if (!isRefused && !isOver && !isConflict(error)) throw error
      if (isAppend(pending)) await this.#parts.appender?.abandon(pending)
      else await this.#parts.committer.abandon(pending)
      schedule.restore(pending.oldestMs)
      this.#pending = undefined
      this.#begun--
      if (isOver) throw error
      schedule.hurry()
      if (isRefused) return
      this.#conflicts++
      await this.#takeOver(await this.#parts.rebaser.load(signal))
      return
    }
    this.#pending = undefined
    this.#committed = this.#begun
  }

  async #store(pending: Pending, signal: AbortSignal): Promise<bigint> {
    const { committer, appender } = this.#parts
    const progress = (step: CommitStep, done: number, total: number) => {
      this.#progress = { step, done, total }
    }
    if (!isAppend(pending)) {
      const sequence = await committer.advance(pending, this.#sequence, progress, signal)
      this.#commits++
      return sequence
    }
    progress('append', 0, pending.record.bytes.length)
    const sequence = await appender!.advance(pending, signal)
    this.#appends++
    return sequence
  }

  async #takeOver(state: ManifestState): Promise<void> {
    await this.#standOn(state)
    if (this.#remote && this.#remote.sequence <= this.#sequence) this.#remote = undefined
  }

  /** The manifest is at that state: nothing to do where it is one that we have seen, or made. */
  async #standOn(state: ManifestState): Promise<void> {
    if (state.sequence <= this.#sequence) return
    const { stand, rebaser } = this.#parts
    const head = headOf(state)
    const isEmpty = head.root === undefined && head.inline.length === 0
    // A renewal, or a commit of ours whose answer was lost: the tree is the one that we have.
    if (!isEmpty && !sameHead(stand.head, head)) await rebaser.rebase(head)
    this.#sequence = state.sequence
  }

  async #setBack(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts
    const waitMs = this.#backoff.failed(error, clock.now())
    if (error instanceof OverBudget) this.#waiters.fail(error)
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
