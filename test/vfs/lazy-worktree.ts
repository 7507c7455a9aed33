import type { Name } from '../../src/terms/name.ts'
import type { Change } from '../../src/tree/change.ts'
import type { ExtentMap } from '../../src/tree/extent-map.ts'
import type { DirectoryEntries, Inode } from '../../src/tree/inode.ts'
import type { Timestamp } from '../../src/tree/time.ts'
import type { LiveTree } from '../../src/vfs/vfs-options.ts'

/**
 * A worktree whose names and entries come from far away: what is asked for the first time is a promise, and a name that is
 * not there, and was not made or removed here, is one each time.
 */
export class LazyWorktree implements LiveTree {
  readonly #inner: LiveTree
  readonly #known = new WeakMap<Inode, Set<string>>()
  readonly #touched = new Set<string>()

  constructor(inner: LiveTree) {
    this.#inner = inner
  }

  get root(): Inode {
    return this.#inner.root
  }

  get usedBytes(): number {
    return this.#inner.usedBytes
  }

  get usedInodes(): number {
    return this.#inner.usedInodes
  }

  lookup(directory: Inode, name: Name): Inode | undefined | Promise<Inode | undefined> {
    const there = this.#inner.lookup(directory, name)
    const isTouched = this.#touched.has(`${directory.ino}/${name}`)
    if (there === undefined && !isTouched) return later(() => this.#inner.lookup(directory, name))
    return this.#first(directory, `name ${name}`, () => this.#inner.lookup(directory, name))
  }

  entries(directory: Inode): DirectoryEntries | Promise<DirectoryEntries> {
    return this.#first(directory, 'entries', () => this.#inner.entries(directory))
  }

  extents(file: Inode): ExtentMap | Promise<ExtentMap> {
    return this.#first(file, 'extents', () => this.#inner.extents(file))
  }

  allocate(): number {
    return this.#inner.allocate()
  }

  makeUnnamed(mode: number, uid: number, gid: number, time: Timestamp): Inode {
    return this.#inner.makeUnnamed(mode, uid, gid, time)
  }

  apply(change: Change): Inode {
    if ('parent' in change) this.#touched.add(`${change.parent}/${change.name}`)
    if ('newParent' in change) this.#touched.add(`${change.newParent}/${change.newName}`)
    return this.#inner.apply(change)
  }

  retain(inode: Inode): void {
    this.#inner.retain(inode)
  }

  release(inode: Inode): void {
    this.#inner.release(inode)
  }

  #first<T>(inode: Inode, what: string, ask: () => T | Promise<T>): T | Promise<T> {
    const known = this.#known.get(inode) ?? new Set()
    this.#known.set(inode, known)
    if (known.has(what)) return ask()
    known.add(what)
    return later(ask)
  }
}

function later<T>(ask: () => T | Promise<T>): Promise<T> {
  return new Promise<void>((resolve) => setImmediate(resolve)).then(ask)
}
