import type { Name } from '../../src/terms/name.ts'
import type { Attributes } from '../../src/tree/attributes.ts'
import { FileType } from '../../src/tree/inode.ts'
import type { NodeId } from '../../src/vfs/file-system.ts'
import { MemoryContent } from './memory-content.ts'

/** A name in a directory; `node` is undefined once it is removed. */
export interface MemoryEntry {
  readonly name: Name
  node: MemoryNode | undefined
  readonly cookie: number
}

/** The names of a directory, in the order in which they were made. */
export class MemoryEntries {
  readonly #byName = new Map<Name, MemoryEntry>()
  #list: MemoryEntry[] = []
  /** 1 and 2 are `.` and `..`. */
  #nextCookie = 3

  get count(): number {
    return this.#byName.size
  }

  get(name: Name): MemoryNode | undefined {
    return this.#byName.get(name)?.node
  }

  set(name: Name, node: MemoryNode): void {
    const there = this.#byName.get(name)
    if (there) {
      there.node = node
      return
    }
    const entry = { name, node, cookie: this.#nextCookie++ }
    this.#byName.set(name, entry)
    this.#list.push(entry)
  }

  delete(name: Name): void {
    const entry = this.#byName.get(name)
    if (!entry) return
    entry.node = undefined
    this.#byName.delete(name)
    if (this.#list.length > 2 * this.#byName.size + 16) {
      this.#list = this.#list.filter((one) => one.node)
    }
  }

  /** Calls `take` for the entries after a cookie until it returns false. */
  after(cookie: number, take: (entry: MemoryEntry, node: MemoryNode) => boolean): void {
    let [low, high] = [0, this.#list.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#list[middle]!.cookie <= cookie) low = middle + 1
      else high = middle
    }
    for (let at = low; at < this.#list.length; at++) {
      const entry = this.#list[at]!
      if (entry.node && !take(entry, entry.node)) return
    }
  }
}

/** An inode in memory; it is its own attributes. */
export class MemoryNode implements Attributes {
  readonly id: NodeId
  readonly ino: number
  mode: number
  nlink = 1
  uid: number
  gid: number
  rdev = 0
  atimeSec = 0
  atimeNsec = 0
  mtimeSec = 0
  mtimeNsec = 0
  ctimeSec = 0
  ctimeNsec = 0
  readonly entries: MemoryEntries | undefined
  readonly content: MemoryContent | undefined
  readonly xattrs = new Map<Name, Uint8Array>()
  target = new Uint8Array(0)
  parent: MemoryNode | undefined
  /** What the kernel knows and what is open: gone when both are 0 and no name is left. */
  lookups = 0
  opens = 0

  constructor(id: NodeId, mode: number, uid: number, gid: number) {
    this.id = id
    this.ino = id
    this.mode = mode
    this.uid = uid
    this.gid = gid
    const type = mode & FileType.mask
    this.entries = type === FileType.directory ? new MemoryEntries() : undefined
    this.content = type === FileType.regular ? new MemoryContent() : undefined
    if (this.entries) this.nlink = 2
  }

  get attributes(): Attributes {
    return this
  }

  get isDirectory(): boolean {
    return this.entries !== undefined
  }

  get size(): number {
    if (this.content) return this.content.size
    return this.entries ? 4096 : this.target.length
  }

  get blocks(): number {
    return this.content ? this.content.blocks : 0
  }
}
