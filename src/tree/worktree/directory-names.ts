import type { Name } from '../../terms/name.ts'
import type { DirectoryEntries, DirectoryEntry } from '../inode.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { TreeInode } from './tree-inode.ts'

/** Cookies 0, 1 and 2 are the beginning, `.` and `..`. */
const firstCookie = 3

interface Entry extends DirectoryEntry {
  readonly inode: TreeInode
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
 * reader that goes on behind a cookie sees each name that stayed once, whatever came and went. Lists beside each other, and
 * no object for each name: there may be a million.
 */
export class DirectoryNames implements DirectoryEntries {
  /** All names are here; else a name that is not has to be looked for in the stored directory. */
  complete: boolean
  /** They were asked for since the last look at whether they may be dropped. */
  isUsed = false
  /** Undefined where no name is committed. */
  stored: StoredDirectory | undefined
  readonly #cookies = new Map<Name, number>()
  /** Names and inodes in the order of their cookies; what was taken out leaves its place until the lists are tidied up. */
  #names: (Name | undefined)[] = []
  #inodes: (TreeInode | undefined)[] = []
  /** The cookie of each place, once they do not follow each other any more. */
  #places: number[] | undefined
  #nextCookie = firstCookie

  constructor(stored?: StoredDirectory) {
    this.stored = stored
    this.complete = stored === undefined
  }

  get count(): number {
    return this.#cookies.size
  }

  get end(): number {
    return this.#nextCookie
  }

  has(name: Name): boolean {
    return this.#cookies.has(name)
  }

  get(name: Name): TreeInode | undefined {
    const cookie = this.#cookies.get(name)
    return cookie === undefined ? undefined : this.#inodes[this.#indexOf(cookie)]
  }

  /** A name that is there already keeps its cookie. */
  set(name: Name, inode: TreeInode): void {
    const known = this.#cookies.get(name)
    if (known !== undefined) {
      this.#inodes[this.#indexOf(known)] = inode
      return
    }
    const cookie = this.#nextCookie++
    this.#cookies.set(name, cookie)
    this.#names.push(name)
    this.#inodes.push(inode)
    this.#places?.push(cookie)
  }

  delete(name: Name): void {
    const cookie = this.#cookies.get(name)
    if (cookie === undefined) return
    this.#cookies.delete(name)
    const index = this.#indexOf(cookie)
    this.#names[index] = undefined
    this.#inodes[index] = undefined
    const gone = this.#names.length - this.#cookies.size
    if (gone > 32 && gone > this.#names.length / 2) this.#tidyUp()
  }

  *inodes(): Generator<TreeInode> {
    for (const cookie of this.#cookies.values()) yield this.#inodes[this.#indexOf(cookie)]!
  }

  *after(cookie: number): Generator<Entry> {
    let names = this.#names
    for (let i = this.#indexAfter(cookie); i < names.length; i++) {
      const [name, inode] = [names[i], this.#inodes[i]]
      if (name === undefined || inode === undefined) continue
      const last = this.#cookieAt(i)
      yield { name, inode, cookie: last }
      if (names !== this.#names) {
        names = this.#names
        i = this.#indexAfter(last) - 1
      }
    }
  }

  #cookieAt(index: number): number {
    return this.#places ? this.#places[index]! : firstCookie + index
  }

  /** Of a cookie that is there. */
  #indexOf(cookie: number): number {
    return this.#indexAfter(cookie - 1)
  }

  /** Index of the first place whose cookie is greater. */
  #indexAfter(cookie: number): number {
    if (!this.#places) return Math.max(0, cookie + 1 - firstCookie)
    let low = 0
    let high = this.#places.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#places[middle]! > cookie) high = middle
      else low = middle + 1
    }
    return low
  }

  #tidyUp(): void {
    const kept = [...this.#cookies.values()]
    const inodes = kept.map((cookie) => this.#inodes[this.#indexOf(cookie)])
    this.#names = [...this.#cookies.keys()]
    this.#inodes = inodes
    this.#places = kept
  }
}
