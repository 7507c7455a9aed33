import type { BlobId } from '../../terms/blob-id.ts'
import type { Name } from '../../terms/name.ts'
import type { FrozenFile } from '../worktree-api.ts'
import type { Touched } from './touched.ts'
import type { TreeInode } from './tree-inode.ts'
import { treePath } from './tree-path.ts'

/** The totals at the moment of a freeze. */
export interface FrozenTotals {
  readonly usedBytes: number
  readonly usedInodes: number
  readonly sliceBytes: number
  readonly nextIno: number
}

/**
 * The worktree as it was when it was frozen. Nothing is copied then: whoever changes an inode or a name afterwards saves
 * first what it was.
 */
export class FrozenChanges {
  readonly root: TreeInode
  readonly touched: Touched
  readonly totals: FrozenTotals
  readonly #saved = new Map<TreeInode, TreeInode>()
  readonly #savedNames = new Map<TreeInode, Map<Name, TreeInode | undefined>>()

  constructor(root: TreeInode, touched: Touched, totals: FrozenTotals) {
    this.root = root
    this.touched = touched
    this.totals = totals
  }

  /** Must be called before an inode changes. */
  save(inode: TreeInode): void {
    if (!this.#saved.has(inode)) this.#saved.set(inode, inode.copy())
  }

  /** Must be called before a name changes. */
  saveName(directory: TreeInode, name: Name): void {
    let names = this.#savedNames.get(directory)
    if (!names) this.#savedNames.set(directory, (names = new Map()))
    if (!names.has(name)) names.set(name, directory.names!.get(name))
  }

  /** The inode changed after the freeze. */
  isSaved(inode: TreeInode): boolean {
    return this.#saved.has(inode)
  }

  /** The state of an inode at the freeze; not to be changed. */
  stateOf(inode: TreeInode): TreeInode {
    return this.#saved.get(inode) ?? inode
  }

  /** The inode that a name meant at the freeze. */
  child(directory: TreeInode, name: Name): TreeInode | undefined {
    const names = this.#savedNames.get(directory)
    return names?.has(name) ? names.get(name) : directory.names!.get(name)
  }

  /** The same of a touched name; undefined for others. */
  touchedChild(directory: TreeInode, name: string): TreeInode | undefined {
    const isTouched = this.touched.names.get(directory)?.has(name as Name)
    return isTouched ? this.child(directory, name as Name) : undefined
  }

  /** Touched directories that names lead to, each before those below it, in an order that depends on the tree alone. */
  directories(): TreeInode[] {
    const found = this.touched.names.has(this.root) ? [this.root] : []
    for (const directory of found) {
      for (const name of this.names(directory)) {
        const child = this.child(directory, name)
        if (child?.isDirectory && this.touched.names.has(child)) found.push(child)
      }
    }
    return found
  }

  /** The touched names of a directory, sorted. */
  names(directory: TreeInode): Name[] {
    return [...(this.touched.names.get(directory) ?? [])].sort((a, b) => (a < b ? -1 : 1))
  }

  /** Touched inodes of the table of hard links, sorted. */
  links(): TreeInode[] {
    return [...this.touched.links].sort((a, b) => a.ino - b.ino)
  }

  /** Files that show slices, directory by directory, those with several names at the end. */
  *files(): Generator<FrozenFile> {
    for (const directory of this.directories()) {
      for (const name of this.names(directory)) {
        const child = this.child(directory, name)
        if (child && !this.stateOf(child).linked) yield* this.#file(child)
      }
    }
    for (const inode of this.links()) yield* this.#file(inode)
  }

  /** Paths of touched files that show bytes of a blob, or whose extents, stored apart, begin there. */
  *pathsIn(blob: BlobId): Generator<string> {
    const named = new Set<TreeInode>()
    for (const directory of this.directories()) {
      for (const name of this.names(directory)) {
        const child = this.child(directory, name)
        if (!child || !this.#shows(child, blob)) continue
        named.add(child)
        yield treePath(directory, name)
      }
    }
    for (const inode of this.links()) {
      if (!named.has(inode) && this.#shows(inode, blob)) yield `(the file of number ${inode.ino})`
    }
  }

  #shows(inode: TreeInode, blob: BlobId): boolean {
    const { isRegular, nlink, extents, extentTree } = this.stateOf(inode)
    if (!isRegular || nlink === 0) return false
    if (extentTree?.node.blob === blob) return true
    for (const { source } of extents?.all() ?? []) {
      if (source.kind === 'piece' && source.piece.blob === blob) return true
    }
    return false
  }

  *#file(inode: TreeInode): Generator<FrozenFile> {
    const { ino, nlink, size, extentList } = this.stateOf(inode)
    if (nlink === 0 || !extentList || extentList.sliceBytes === 0) return
    yield { ino, size, extents: extentList.snapshot() }
  }
}
