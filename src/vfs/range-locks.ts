/** A lock that is held: bytes [start, end], inclusive. */
export interface HeldLock {
  /** Who holds it: locks of one owner never stand in each other's way. */
  readonly owner: bigint
  /** The open file it was taken through. */
  readonly handle: number
  readonly type: 'read' | 'write'
  readonly start: number
  readonly end: number
  readonly pid: number
}

/**
 * The byte-range locks of one file, as fcntl(2) has them: what one owner locks anew replaces what it held there,
 * splitting, shortening and joining its locks. Knows nothing of waiting.
 */
export class RangeLocks {
  #locks: HeldLock[] = []

  get isEmpty(): boolean {
    return this.#locks.length === 0
  }

  /** All locks, those of one owner in the order of their bytes. */
  get all(): readonly HeldLock[] {
    return this.#locks
  }

  /** The first lock that forbids this one, lowest bytes first. */
  conflict(wanted: HeldLock): HeldLock | undefined {
    let first: HeldLock | undefined
    for (const lock of this.#locks) {
      if (conflicts(lock, wanted) && (first === undefined || lock.start < first.start)) first = lock
    }
    return first
  }

  /** All locks that forbid this one. */
  conflictsOf(wanted: HeldLock): readonly HeldLock[] {
    return this.#locks.filter((lock) => conflicts(lock, wanted))
  }

  /** Takes a lock. Nothing of another owner stands in its way: the caller has asked. */
  take(wanted: HeldLock): void {
    this.drop(wanted.owner, wanted.start, wanted.end)
    const isNeighbour = (lock: HeldLock) =>
      lock.owner === wanted.owner &&
      lock.type === wanted.type &&
      (lock.end + 1 === wanted.start || wanted.end + 1 === lock.start)
    const neighbours = this.#locks.filter(isNeighbour)
    const joined = {
      ...wanted,
      start: Math.min(wanted.start, ...neighbours.map((lock) => lock.start)),
      end: Math.max(wanted.end, ...neighbours.map((lock) => lock.end)),
    }
    this.#locks = [...this.#locks.filter((lock) => !neighbours.includes(lock)), joined]
    this.#locks.sort((a, b) => a.start - b.start)
  }

  /** Gives up what an owner holds of [start, end]. True when something was held. */
  drop(owner: bigint, start: number, end: number): boolean {
    const isHit = (lock: HeldLock) => lock.owner === owner && lock.start <= end && start <= lock.end
    if (!this.#locks.some(isHit)) return false
    this.#locks = this.#locks.flatMap((lock) => (isHit(lock) ? without(lock, start, end) : [lock]))
    return true
  }

  /** Gives up every lock for which `isGone` says so. True when there was one. */
  dropWhere(isGone: (lock: HeldLock) => boolean): boolean {
    const before = this.#locks.length
    this.#locks = this.#locks.filter((lock) => !isGone(lock))
    return this.#locks.length !== before
  }
}

function conflicts(held: HeldLock, wanted: HeldLock): boolean {
  return (
    held.owner !== wanted.owner &&
    held.start <= wanted.end &&
    wanted.start <= held.end &&
    (held.type === 'write' || wanted.type === 'write')
  )
}

/** What is left of a lock without [start, end]. */
function without(lock: HeldLock, start: number, end: number): HeldLock[] {
  const left = lock.start < start ? [{ ...lock, end: start - 1 }] : []
  const right = lock.end > end ? [{ ...lock, start: end + 1 }] : []
  return [...left, ...right]
}
