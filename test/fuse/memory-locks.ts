import { FsError } from '../../src/terms/errno.ts'
import type { HandleId, LockRange, NodeId } from '../../src/vfs/file-system.ts'

interface Held extends LockRange {
  readonly owner: bigint
  readonly handle: HandleId
}

interface Waiter {
  readonly retry: () => boolean
}

/** POSIX locks or flocks of all files, by range and owner. */
export class MemoryLocks {
  readonly #held = new Map<NodeId, Held[]>()
  readonly #waiters = new Map<NodeId, Set<Waiter>>()

  conflict(node: NodeId, owner: bigint, lock: LockRange): LockRange | undefined {
    if (lock.type === 'unlock') return undefined
    return this.#of(node).find(
      (held) =>
        held.owner !== owner &&
        held.start <= lock.end &&
        held.end >= lock.start &&
        (held.type === 'write' || lock.type === 'write'),
    )
  }

  set(
    node: NodeId,
    handle: HandleId,
    owner: bigint,
    lock: LockRange,
    wait: boolean,
    signal: AbortSignal,
  ): void | Promise<void> {
    if (this.#try(node, handle, owner, lock)) return undefined
    if (!wait) throw new FsError('EAGAIN')
    return this.#wait(node, signal, () => this.#try(node, handle, owner, lock))
  }

  /** Locks of an owner, or of all owners through a handle, are given up. */
  drop(node: NodeId, gone: (lock: { owner: bigint; handle: HandleId }) => boolean): void {
    const left = this.#of(node).filter((held) => !gone(held))
    if (left.length === this.#of(node).length) return
    this.#held.set(node, left)
    this.#wake(node)
  }

  #try(node: NodeId, handle: HandleId, owner: bigint, lock: LockRange): boolean {
    if (this.conflict(node, owner, lock)) return false
    const kept = this.#of(node).flatMap((held) => (held.owner === owner ? cut(held, lock) : [held]))
    if (lock.type !== 'unlock') kept.push({ ...lock, owner, handle })
    this.#held.set(node, kept)
    this.#wake(node)
    return true
  }

  #wait(node: NodeId, signal: AbortSignal, attempt: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiters = this.#waiters.get(node) ?? new Set<Waiter>()
    this.#waiters.set(node, waiters)
    const waiter: Waiter = {
      retry: () => {
        if (!attempt()) return false
        resolve()
        return true
      },
    }
    waiters.add(waiter)
    signal.addEventListener('abort', () => {
      waiters.delete(waiter)
      reject(new FsError('EINTR'))
    })
    return promise
  }

  #wake(node: NodeId): void {
    const waiters = this.#waiters.get(node)
    for (const waiter of waiters ?? []) {
      waiters!.delete(waiter)
      if (!waiter.retry()) waiters!.add(waiter)
      else return this.#wake(node)
    }
  }

  #of(node: NodeId): Held[] {
    return this.#held.get(node) ?? []
  }
}

/** What is left of a lock outside the range of another. */
function cut(held: Held, lock: LockRange): Held[] {
  if (held.end < lock.start || held.start > lock.end) return [held]
  const parts: Held[] = []
  if (held.start < lock.start) parts.push({ ...held, end: lock.start - 1 })
  if (held.end > lock.end) parts.push({ ...held, start: lock.end + 1 })
  return parts
}
