import { FsError } from '../terms/errno.ts'
import type { Inode } from '../tree/inode.ts'
import type { HandleId, NodeId } from './file-system.ts'

/** An open file (a description, in the words of open(2)). */
export interface OpenFile {
  readonly inode: Inode
  /** The number by which the kernel opened it. */
  readonly node: NodeId
  readonly writable: boolean
  readonly append: boolean
  /** Opened with O_NOATIME. */
  readonly keepsAccessTime: boolean
}

/** An open directory. */
export interface OpenDirectory {
  readonly inode: Inode
  /** The cookie behind the last name that this pass gives: what came later is left to the next one, so that each pass ends. */
  end: number | undefined
}

/** What is open, by the number that the kernel was given. Numbers are not reused. */
export class HandleTable<T> {
  readonly #open = new Map<HandleId, T>()
  #next: HandleId

  /** `first`: the first number that is given. */
  constructor(first: HandleId = 1) {
    this.#next = first
  }

  get size(): number {
    return this.#open.size
  }

  add(opened: T): HandleId {
    const handle = this.#next++
    this.#open.set(handle, opened)
    return handle
  }

  /** Throws FsError EBADF for a number that is not open. */
  get(handle: HandleId): T {
    const opened = this.#open.get(handle)
    if (opened === undefined) throw new FsError('EBADF', `handle ${handle} is not open`)
    return opened
  }

  /** Closes; undefined when it was not open. */
  take(handle: HandleId): T | undefined {
    const opened = this.#open.get(handle)
    this.#open.delete(handle)
    return opened
  }

  /** Closes all and gives them. */
  takeAll(): T[] {
    const all = [...this.#open.values()]
    this.#open.clear()
    return all
  }
}
