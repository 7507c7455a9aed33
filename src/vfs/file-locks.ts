import { RangeLocks } from './range-locks.ts'
import type { HeldLock } from './range-locks.ts'

/** Somebody who waits for a lock. */
export interface LockWaiter {
  readonly wanted: HeldLock
  /** Called once, in the turn in which the lock was taken for it. */
  readonly granted: () => void
}

/**
 * The locks of one kind (POSIX and OFD, or flock) on one file, and who waits for them, oldest first. Whoever gives a
 * lock up has it handed on to those waiters that nothing else stops.
 */
export class FileLocks {
  readonly #held = new RangeLocks()
  #waiters: LockWaiter[] = []

  get isEmpty(): boolean {
    return this.#held.isEmpty && this.#waiters.length === 0
  }

  get held(): readonly HeldLock[] {
    return this.#held.all
  }

  conflict(wanted: HeldLock): HeldLock | undefined {
    return this.#held.conflict(wanted)
  }

  /** Takes a lock when nothing stops it. What the owner held there before is replaced, and may let others go on. */
  tryTake(wanted: HeldLock): boolean {
    if (this.#held.conflict(wanted) !== undefined) return false
    this.#held.take(wanted)
    this.#serve()
    return true
  }

  /** Waits until {@link tryTake} would do. The caller has tried. */
  wait(waiter: LockWaiter): void {
    this.#waiters.push(waiter)
  }

  /** Stops waiting. */
  leave(waiter: LockWaiter): void {
    this.#waiters = this.#waiters.filter((other) => other !== waiter)
  }

  drop(owner: bigint, start: number, end: number): void {
    if (this.#held.drop(owner, start, end)) this.#serve()
  }

  dropWhere(isGone: (lock: HeldLock) => boolean): void {
    if (this.#held.dropWhere(isGone)) this.#serve()
  }

  /**
   * Whether waiting for this lock could never end: one of those who hold it waits, directly or through others, for
   * something that its owner holds.
   */
  wouldDeadlock(wanted: HeldLock, waitsOf: (owner: bigint) => Iterable<BlockedOn>): boolean {
    const seen = new Set<bigint>()
    const open = this.#held.conflictsOf(wanted).map((lock) => lock.owner)
    for (let owner = open.pop(); owner !== undefined; owner = open.pop()) {
      if (owner === wanted.owner) return true
      if (seen.has(owner)) continue
      seen.add(owner)
      for (const wait of waitsOf(owner)) open.push(...wait.locks.#ownersAgainst(wait.wanted))
    }
    return false
  }

  #ownersAgainst(wanted: HeldLock): bigint[] {
    return this.#held.conflictsOf(wanted).map((lock) => lock.owner)
  }

  #serve(): void {
    for (let next = this.#nextServable(); next !== undefined; next = this.#nextServable()) {
      this.leave(next)
      this.#held.take(next.wanted)
      next.granted()
    }
  }

  #nextServable(): LockWaiter | undefined {
    return this.#waiters.find((waiter) => this.#held.conflict(waiter.wanted) === undefined)
  }
}

/** A wait for a lock on some file. */
export interface BlockedOn {
  readonly locks: FileLocks
  readonly wanted: HeldLock
}
