import type { Name } from '../../terms/name.ts'
import type { DirectoryEntries, DirectoryEntry } from '../inode.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { TreeInode } from './tree-inode.ts'

/** Cookies 0, 1 and 2 are the beginning, `.` and `..`. */
const firstCookie = 3

interface Entry extends DirectoryEntry {
  inode: TreeInode
  /** Taken out; its place is kept until the list is tidied up. */
  gone: boolean
}

/** A directory's names as they are committed. */
export interface StoredDirectory {
  readonly node: PieceRef
  /** Names in it. */
  readonly count: number
  /** Inodes and bytes of everything below it, hard links not counted. */
  readonly inodes: number
  readonly bytes: number
}

/**
 * The names of a directory that are in memory. Cookies grow with each new name and are never used again, so a
 * reader that goes on behind a cookie sees each name that stayed once, whatever came and went.
 */
export class DirectoryNames implements DirectoryEntries {
  /** All names are here; else a name that is not has to be looked for in the stored directory. */
  complete: boolean
  /** They were asked for since the last look at whether they may be dropped. */
  isUsed = false
  /** Undefined where no name is committed. */
  stored: StoredDirectory | undefined
  readonly #byName = new Map<Name, Entry>()
  /** By cookie. */
  #order: Entry[] = []
  #gone = 0
  #nextCookie = firstCookie

  constructor(stored?: StoredDirectory) {
    this.stored = stored
    this.complete = stored === undefined
  }

  get count(): number {
    return this.#byName.size
  }

  get end(): number {
    return this.#nextCookie
  }

  has(name: Name): boolean {
    return this.#byName.has(name)
  }

  get(name: Name): TreeInode | undefined {
    return this.#byName.get(name)?.inode
  }

  /** A name that is there already keeps its cookie. */
  set(name: Name, inode: TreeInode): void {
    const known = this.#byName.get(name)
    if (known) {
      known.inode = inode
      return
    }
    const entry = { name, inode, cookie: this.#nextCookie++, gone: false }
    this.#byName.set(name, entry)
    this.#order.push(entry)
  }

  delete(name: Name): void {
    const entry = this.#byName.get(name)
    if (!entry) return
    this.#byName.delete(name)
    entry.gone = true
    if (++this.#gone > 32 && this.#gone > this.#order.length / 2) this.#tidyUp()
  }

  *inodes(): Generator<TreeInode> {
    for (const entry of this.#byName.values()) yield entry.inode
  }

  *after(cookie: number): Generator<Entry> {
    let order = this.#order
    let last = cookie
    for (let i = indexAfter(order, cookie); i < order.length; i++) {
      const entry = order[i]!
      if (entry.gone) continue
      last = entry.cookie
      yield entry
      if (order !== this.#order) {
        order = this.#order
        i = indexAfter(order, last) - 1
      }
    }
  }

  #tidyUp(): void {
    this.#order = this.#order.filter((entry) => !entry.gone)
    this.#gone = 0
  }
}

/** Index of the first entry whose cookie is greater. */
function indexAfter(order: readonly Entry[], cookie: number): number {
  let low = 0
  let high = order.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (order[middle]!.cookie > cookie) high = middle
    else low = middle + 1
  }
  return low
}
