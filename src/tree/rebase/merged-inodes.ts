import { DirectoryNames } from '../worktree/directory-names.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import type { TreeState } from '../worktree/tree-state.ts'
import type { Id, MergePlan } from './merge-plan.ts'
import type { OurChanges } from './our-changes.ts'
import type { TheirChanges } from './their-changes.ts'

/** The inodes of a rebased worktree: numbers are given anew, and inodes of theirs come into memory where they must. */
export class MergedInodes {
  readonly #state: TreeState
  readonly #theirs: TheirChanges
  readonly #plan: MergePlan
  readonly #ours: OurChanges
  /** Directories that we took away and that are still spoken of. */
  readonly #gone = new Map<number, TreeInode>()

  constructor(state: TreeState, theirs: TheirChanges, ours: OurChanges) {
    this.#state = state
    this.#theirs = theirs
    this.#ours = ours
    this.#plan = ours.plan
    for (const directory of this.#plan.names.keys()) {
      const isKnown = directory.ino < ours.firstNew
      if (isKnown && !state.inodes.has(directory.ino)) this.#gone.set(directory.ino, directory)
    }
  }

  /**
   * Gives new numbers to what is ours alone where theirs may have given the same, and to our versions of what lives on
   * under its number as theirs. Returns those that were renumbered.
   */
  renumber(): TreeInode[] {
    const { inodes } = this.#state
    const moved: TreeInode[] = []
    let next = Math.max(this.#theirs.root.nextIno, this.#state.nextIno)
    for (const inode of inodes.values()) {
      if (inode.ino >= next) next = inode.ino + 1
      if (this.#needsNumber(inode)) moved.push(inode)
    }
    moved.sort((a, b) => a.ino - b.ino)
    for (const inode of moved) inodes.delete(inode.ino)
    for (const inode of moved) {
      inode.ino = this.#plan.unified.get(inode) ?? next++
      inodes.set(inode.ino, inode)
    }
    this.#state.nextIno = next
    return moved
  }

  #needsNumber(inode: TreeInode): boolean {
    const { ino, nlink, isDirectory } = inode
    const { unified, split, renewed } = this.#plan
    if (unified.has(inode) || split.has(inode) || renewed.has(inode)) return true
    if (ino >= this.#ours.firstNew) return ino < this.#theirs.root.nextIno
    return nlink === 0 && !isDirectory && !this.#theirs.isGone(ino)
  }

  /** The inode in memory. */
  get(id: Id): TreeInode | undefined {
    return typeof id === 'number' ? (this.#state.inodes.get(id) ?? this.#gone.get(id)) : id
  }

  /** The inode, brought into memory where its record is known. */
  bring(id: Id): TreeInode | undefined {
    const known = this.get(id)
    const inode = known ?? this.#fromRecord(id as number)
    if (inode && !this.#state.inodes.has(inode.ino)) this.#state.add(inode)
    return inode
  }

  /** A directory of theirs with everything above it. */
  bringDirectory(ino: number): TreeInode {
    const inode = this.bring(ino)
    if (!inode) throw new Error(`directory ${ino} of their tree was not read`)
    const place = this.#theirs.place(ino)
    if (!inode.parent && place) {
      const parent = this.bringDirectory(place.parent)
      parent.names!.set(place.name, inode)
      inode.parent = parent
      inode.name = place.name
    }
    return inode
  }

  /** The record of an inode in their tree; undefined where it is not there. */
  theirRecord(ino: number): TreeInode | undefined {
    const sides = this.#theirs.inode(ino)
    if (sides) return sides.after
    return this.#plan.theirRecords.get(ino) ?? this.#plan.baseRecords.get(ino)
  }

  idOf(inode: TreeInode): Id {
    return this.#ours.idOf(inode)
  }

  #fromRecord(ino: number): TreeInode | undefined {
    const record = this.theirRecord(ino)
    if (!record) return undefined
    const inode = record.copy()
    if (record.names) inode.names = new DirectoryNames(record.names.stored)
    return inode
  }
}
