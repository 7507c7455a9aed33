import { PagedMap } from '../paged-map.ts'
import type { Name } from '../../terms/name.ts'
import type { SettledRange } from '../extent-map.ts'
import type { RootRecord } from '../root-record.ts'
import type { Slice } from '../slice.ts'
import type { FrozenChanges, FrozenTotals } from './frozen-changes.ts'
import { Touched } from './touched.ts'
import type { TreeInode } from './tree-inode.ts'

/** Where the bytes of a slice are stored now; undefined where they are not. */
export type Settled = (slice: Slice) => readonly SettledRange[] | undefined

/** The root's inode number. */
export const rootIno = 1

/**
 * What the worktree knows, and the few ways to change it that keep its books: what is touched, what a frozen commit must
 * still see, and the totals.
 */
export class TreeState {
  readonly root: TreeInode
  /** Every inode in memory by its number. */
  readonly inodes = new PagedMap<TreeInode>()
  /** Inodes whose extents may show slices, those without a name among them. */
  readonly sliced = new Set<TreeInode>()
  base: RootRecord | undefined = undefined
  touched = new Touched()
  /** What records in the manifest changed of the base: it stays in memory and goes into the next commit. */
  appended = new Touched()
  /** Those records, oldest first. */
  inline: readonly Uint8Array[] = []
  /** A commit that is under way. */
  frozen: FrozenChanges | undefined = undefined
  usedBytes = 0
  usedInodes = 1
  /** Bytes of slices that named files show. */
  sliceBytes = 0
  nextIno = rootIno + 1
  /** Grows when a replay could no longer know the inodes that were bound before. */
  generation = 1

  constructor(root: TreeInode, base?: RootRecord) {
    this.root = root
    root.parent = root
    this.inodes.set(root.ino, root)
    if (!base) return
    this.base = base
    this.usedBytes = base.usedBytes
    this.usedInodes = base.usedInodes
    this.nextIno = base.nextIno
  }

  get totals(): FrozenTotals {
    const { usedBytes, usedInodes, sliceBytes, nextIno } = this
    return { usedBytes, usedInodes, sliceBytes, nextIno }
  }

  /** An inode that is in memory. */
  inode(ino: number): TreeInode {
    const inode = this.inodes.get(ino)
    if (!inode) throw new Error(`inode ${ino} is not loaded`)
    return inode
  }

  /** A name that is in memory. */
  named(directory: TreeInode, name: Name): TreeInode {
    const inode = directory.names?.get(name)
    if (!inode) throw new Error(`no such name is loaded in directory ${directory.ino}`)
    return inode
  }

  directory(ino: number): TreeInode {
    const inode = this.inode(ino)
    if (!inode.names) throw new Error(`inode ${ino} is no directory`)
    return inode
  }

  /** A regular file whose extents are in memory. */
  file(ino: number): TreeInode {
    const inode = this.inode(ino)
    if (!inode.extents) throw new Error(`the extents of inode ${ino} are not loaded`)
    return inode
  }

  add(inode: TreeInode): void {
    this.inodes.set(inode.ino, inode)
    // Not by way of `extents`, which would read those of every inode that is loaded.
    if (inode.extentList && inode.extentList.sliceBytes > 0) this.sliced.add(inode)
  }

  /** Must be called before anything of an inode's record is changed. */
  edit(inode: TreeInode): void {
    this.frozen?.save(inode)
    inode.dirty = true
    if (inode === this.root) this.touched.namesOf(inode)
    else if (inode.nlink === 0) return
    else if (inode.linked) this.touched.links.add(inode)
    else if (inode.parent && inode.name !== undefined) this.touch(inode.parent, inode.name)
  }

  /** What a name means is known here and not in the committed directory. */
  isTouched(directory: TreeInode, name: Name): boolean {
    return (
      this.touched.has(directory, name) ||
      this.appended.has(directory, name) ||
      (this.frozen?.touched.has(directory, name) ?? false)
    )
  }

  /** Something of a directory's names is. */
  isTouchedIn(directory: TreeInode): boolean {
    return (
      this.touched.names.has(directory) ||
      this.appended.names.has(directory) ||
      (this.frozen?.touched.names.has(directory) ?? false)
    )
  }

  /** The entry of a name, and with it the directories above, will have to be written again. */
  touch(directory: TreeInode, name: Name): void {
    let [above, below] = [directory, name]
    while (this.touched.add(above, below) && above.parent && above.name !== undefined) {
      above.dirty = true
      ;[above, below] = [above.parent, above.name]
    }
    above.dirty = true
  }

  /** Makes a name mean an inode, or nothing. */
  setName(directory: TreeInode, name: Name, inode: TreeInode | undefined): void {
    this.frozen?.saveName(directory, name)
    this.touch(directory, name)
    if (!inode) {
      directory.names!.delete(name)
      return
    }
    directory.names!.set(name, inode)
    inode.parent = directory
    inode.name = name
  }

  /** An inode got its first name. */
  countNamed(inode: TreeInode): void {
    this.usedInodes++
    this.#countBytes(inode, 1)
  }

  /** An inode lost its last name. It stays in memory while it is held. */
  countNameless(inode: TreeInode): void {
    this.usedInodes--
    this.#countBytes(inode, -1)
    if (inode.retained === 0) this.forget(inode)
  }

  forget(inode: TreeInode): void {
    this.inodes.delete(inode.ino)
    this.sliced.delete(inode)
  }

  /** Changes the bytes of a file and the sums that depend on them. */
  changeContent(file: TreeInode, change: () => void): void {
    this.#recount(file, change)
    file.contentChanged = true
  }

  /** Slices of a file were stored: it shows where they are now. */
  settle(file: TreeInode, settled: Settled): void {
    this.#recount(file, () => file.ownExtents.settle(settled))
  }

  /** Sums up anew what files with names show of slices. */
  countSlices(): void {
    this.sliceBytes = 0
    for (const { nlink, extentList } of this.sliced) {
      if (nlink > 0) this.sliceBytes += extentList?.sliceBytes ?? 0
    }
  }

  #recount(file: TreeInode, change: () => void): void {
    if (file.nlink > 0) this.#countBytes(file, -1)
    change()
    file.coveredBytes = file.extents!.coveredBytes
    if (file.nlink > 0) this.#countBytes(file, 1)
    if (file.extents!.sliceBytes > 0) this.sliced.add(file)
    else this.sliced.delete(file)
  }

  #countBytes(inode: TreeInode, sign: 1 | -1): void {
    this.usedBytes += sign * inode.coveredBytes
    this.sliceBytes += sign * (inode.extentList?.sliceBytes ?? 0)
  }
}
