import type { Name } from '../../terms/name.ts'
import { rootIno } from '../worktree/tree-state.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import type { TreeState } from '../worktree/tree-state.ts'
import type { Id, MergedName, MergePlan } from './merge-plan.ts'
import type { OurChanges } from './our-changes.ts'
import type { TheirChanges } from './their-changes.ts'

/**
 * Sees to it that what the names mean together is a tree: a directory in which something is left stays, and none is below
 * itself.
 */
export class DirectoryMerger {
  readonly #state: TreeState
  readonly #theirs: TheirChanges
  readonly #ours: OurChanges
  readonly #plan: MergePlan
  readonly #survives = new Map<number, boolean>()

  constructor(state: TreeState, theirs: TheirChanges, ours: OurChanges) {
    this.#state = state
    this.#theirs = theirs
    this.#ours = ours
    this.#plan = ours.plan
  }

  settle(): void {
    this.#survives.clear()
    this.#undoCycles()
    for (const [directory, names] of this.#plan.names) {
      for (const [name, merge] of names) this.#keepIfFilled(directory, name, merge)
    }
    for (const [directory, names] of this.#plan.names) {
      if ([...names.values()].some(({ merged }) => merged !== undefined)) this.#ensure(directory)
    }
    for (const { directory } of this.#plan.beside) this.#ensure(directory)
  }

  /** A directory that we took away stays where theirs has it when something of theirs is left in it. */
  #keepIfFilled(directory: TreeInode, name: Name, merge: MergedName): void {
    const { before, merged, theirs } = merge
    if (before === undefined || theirs !== before || merged === before) return
    if (!this.#isGoneHere(before) || !this.#isFilled(before)) return
    merge.merged = before
    this.#ours.putBeside(directory, name)
  }

  /** Something that theirs put there, or that we left, is in a directory that we took away. */
  #isFilled(ino: number): boolean {
    const known = this.#survives.get(ino)
    if (known !== undefined) return known
    this.#survives.set(ino, false)
    const result = this.#hasNames(ino)
    this.#survives.set(ino, result)
    return result
  }

  #isGoneHere(ino: number): boolean {
    return !((this.#state.inodes.get(ino)?.nlink ?? 0) > 0)
  }

  #hasNames(ino: number): boolean {
    const ours = this.#ours.namesAt(ino)
    for (const [name, { after }] of this.#theirs.names(ino)) {
      if (after !== undefined && !ours?.has(name)) return true
    }
    for (const merge of ours?.values() ?? []) {
      if (merge.merged !== undefined) return true
      const { before, theirs } = merge
      // What we moved away is filled somewhere else.
      if (before === undefined || theirs !== before || !this.#isGoneHere(before)) continue
      if (this.#isFilled(before)) return true
    }
    return false
  }

  /** A directory that theirs took away stays where we have it; its parents, too. */
  #ensure(directory: TreeInode): void {
    for (let at = directory; at !== this.#state.root; at = at.parent!) {
      const id = this.#ours.idOf(at)
      const isTheirs = typeof id === 'number' && !this.#theirs.isGone(id)
      const { parent, name } = at
      if (isTheirs || !parent || name === undefined) return
      const merge = this.#plan.names.get(parent)?.get(name)
      const isBeside = this.#plan.beside.some(({ inode }) => inode === at)
      if (!merge || merge.merged === id || isBeside) continue
      if (merge.merged === undefined) merge.merged = id
      else this.#ours.putBeside(parent, name, at)
    }
  }

  /** Two moves that would put directories into each other: ours is undone. */
  #undoCycles(): void {
    for (const [directory, names] of this.#plan.names) {
      for (const [name, merge] of names) {
        const inode = directory.names!.get(name)
        if (!inode?.isDirectory || merge.merged !== this.#ours.idOf(inode)) continue
        if (merge.merged === merge.before || merge.merged === merge.theirs) continue
        if (this.#isBelowItself(inode)) this.#undoMove(inode, merge)
      }
    }
  }

  #undoMove(inode: TreeInode, merge: MergedName): void {
    merge.merged = this.#ours.withoutOurs(merge)
    const place = this.#plan.basePlaces.get(inode.ino)
    const left = place && this.#ours.namesAt(place.parent)?.get(place.name)
    if (!left || left.theirs !== inode.ino) return
    const directory = this.#state.inodes.get(place.parent)
    const instead = directory?.names!.get(place.name)
    if (directory && instead && left.merged === this.#ours.idOf(instead)) {
      this.#ours.putBeside(directory, place.name)
    }
    left.merged = left.theirs
  }

  #isBelowItself(directory: TreeInode): boolean {
    const start = this.#ours.idOf(directory)
    const seen = new Set<Id>()
    let at: Id | undefined = this.#parentOf(start)
    while (at !== undefined && at !== rootIno && !seen.has(at)) {
      if (at === start) return true
      seen.add(at)
      at = this.#parentOf(at)
    }
    return at !== rootIno && at !== undefined
  }

  /** The directory in which another is when all is merged. */
  #parentOf(id: Id): Id | undefined {
    const inode = typeof id === 'number' ? this.#ours.known(id) : id
    const { parent, name } = inode ?? {}
    const here = parent && name !== undefined ? this.#plan.names.get(parent)?.get(name) : undefined
    if (parent && here?.merged === id) return this.#ours.idOf(parent)
    if (typeof id !== 'number') return parent && this.#ours.idOf(parent)
    const theirs = this.#theirs.place(id)?.parent ?? this.#plan.basePlaces.get(id)?.parent
    return theirs ?? (parent && this.#ours.idOf(parent))
  }
}
