import { FsError } from '../terms/errno.ts'
import type { Inode } from '../tree/inode.ts'
import { FileLocks } from './file-locks.ts'
import type { BlockedOn } from './file-locks.ts'
import type { Answer, HandleId, LockRange, NodeId } from './file-system.ts'
import type { HeldLock } from './range-locks.ts'
import { isVirtual } from './virtual-node.ts'
import type { Volume } from './volume.ts'

const busy = new FsError('EAGAIN', 'another holds the lock')
const wholeFile = { start: 0, end: Number.MAX_SAFE_INTEGER }

/** The calls of fcntl(2) locks, OFD locks and flock(2). */
export class LockCalls {
  readonly #volume: Volume
  readonly #ranges = new Map<Inode, FileLocks>()
  readonly #whole = new Map<Inode, FileLocks>()
  /** Who waits for range locks, by owner: the graph in which a deadlock is a circle. */
  readonly #waits = new Map<bigint, Set<BlockedOn>>()

  constructor(volume: Volume) {
    this.#volume = volume
  }

  /** Files on which somebody holds a lock or waits for one. */
  get lockedFiles(): number {
    return this.#ranges.size + this.#whole.size
  }

  getlk(node: NodeId, handle: HandleId, owner: bigint, lock: LockRange): LockRange | undefined {
    if (isVirtual(node)) return undefined
    const wanted = wantedOf(handle, owner, lock)
    const found = this.#ranges.get(this.#volume.nodes.inode(node))?.conflict(wanted)
    return found && { type: found.type, start: found.start, end: found.end, pid: found.pid }
  }

  setlk(
    node: NodeId,
    handle: HandleId,
    owner: bigint,
    lock: LockRange,
    wait: boolean,
    flock: boolean,
    signal: AbortSignal,
  ): Answer<void> {
    // What nobody can write needs no lock to be read.
    if (isVirtual(node)) return undefined
    const inode = this.#volume.nodes.inode(node)
    const table = flock ? this.#whole : this.#ranges
    if (lock.type === 'unlock') return this.#unlock(table, inode, owner, flock ? wholeFile : lock)
    const wanted = wantedOf(handle, owner, flock ? { ...lock, ...wholeFile } : lock)
    const locks = table.get(inode) ?? new FileLocks()
    table.set(inode, locks)
    // flock(2): converting a lock is not atomic, the old one goes first; two upgrading holders would block for ever.
    if (flock) giveUpOtherType(locks, wanted)
    if (locks.tryTake(wanted)) return undefined
    if (!wait) throw busy
    return this.#wait(table, inode, { locks, wanted }, flock, signal)
  }

  /** A descriptor was closed: POSIX locks of that owner on the file go, whichever descriptor they came by. */
  closed(inode: Inode, owner: bigint): void {
    this.#dropWhere(this.#ranges, inode, (lock) => lock.owner === owner)
  }

  /**
   * The last descriptor of a handle is gone. What was locked through it and is still there are OFD locks and flocks
   * (POSIX locks went with the owner's close); the kernel does not unlock OFD locks by itself.
   */
  released(inode: Inode, handle: HandleId, flockOwner: bigint | undefined): void {
    this.#dropWhere(this.#ranges, inode, (lock) => lock.handle === handle)
    const isGone = (lock: HeldLock) => lock.handle === handle || lock.owner === flockOwner
    this.#dropWhere(this.#whole, inode, isGone)
  }

  /** The mount is gone, and all locks with it. */
  forgetAll(): void {
    this.#ranges.clear()
    this.#whole.clear()
    this.#waits.clear()
  }

  #unlock(
    table: Map<Inode, FileLocks>,
    inode: Inode,
    owner: bigint,
    range: { readonly start: number; readonly end: number },
  ): void {
    table.get(inode)?.drop(owner, range.start, range.end)
    this.#tidy(table, inode)
  }

  #dropWhere(
    table: Map<Inode, FileLocks>,
    inode: Inode,
    isGone: (lock: HeldLock) => boolean,
  ): void {
    const locks = table.get(inode)
    if (locks === undefined) return
    locks.dropWhere(isGone)
    this.#tidy(table, inode)
  }

  #tidy(table: Map<Inode, FileLocks>, inode: Inode): void {
    if (table.get(inode)?.isEmpty === true) table.delete(inode)
  }

  #wait(
    table: Map<Inode, FileLocks>,
    inode: Inode,
    blocked: BlockedOn,
    flock: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { locks, wanted } = blocked
    if (!flock && locks.wouldDeadlock(wanted, (owner) => this.#waits.get(owner) ?? [])) {
      throw new FsError('EDEADLK', 'waiting would close a circle')
    }
    if (signal.aborted) throw new FsError('EINTR', 'interrupted by a signal')
    if (!flock) this.#noteWait(blocked)
    return new Promise<void>((resolve, reject) => {
      const done = () => {
        signal.removeEventListener('abort', interrupted)
        this.#endWait(blocked)
      }
      const granted = () => {
        done()
        resolve()
      }
      const waiter = { wanted, granted }
      const interrupted = () => {
        done()
        locks.leave(waiter)
        this.#tidy(table, inode)
        reject(new FsError('EINTR', 'interrupted by a signal'))
      }
      signal.addEventListener('abort', interrupted, { once: true })
      locks.wait(waiter)
    })
  }

  #noteWait(blocked: BlockedOn): void {
    const owner = blocked.wanted.owner
    const waits = this.#waits.get(owner) ?? new Set()
    this.#waits.set(owner, waits.add(blocked))
  }

  #endWait(blocked: BlockedOn): void {
    const owner = blocked.wanted.owner
    const waits = this.#waits.get(owner)
    waits?.delete(blocked)
    if (waits?.size === 0) this.#waits.delete(owner)
  }
}

function wantedOf(handle: HandleId, owner: bigint, lock: LockRange): HeldLock {
  if (lock.start < 0 || lock.end < lock.start) throw new FsError('EINVAL', 'an empty lock range')
  const type = lock.type === 'write' ? 'write' : 'read'
  return { owner, handle, type, start: lock.start, end: lock.end, pid: lock.pid }
}

function giveUpOtherType(locks: FileLocks, wanted: HeldLock): void {
  locks.dropWhere((lock) => lock.owner === wanted.owner && lock.type !== wanted.type)
}
