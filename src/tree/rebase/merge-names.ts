import type { Name } from '../../terms/name.ts'
import { FileType } from '../inode.ts'
import type { Steps } from '../steps.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import type { TreeState } from '../worktree/tree-state.ts'
import type { MergedName, MergePlan } from './merge-plan.ts'
import type { OurChanges } from './our-changes.ts'
import { isSameBytes, isSameButTimes, isSameContent } from './same-inode.ts'
import type { TheirChanges } from './their-changes.ts'

/** Decides, name by name, what each that we touched means when both sides' changes are taken. */
export class NameMerger {
  readonly #state: TreeState
  readonly #theirs: TheirChanges
  readonly #ours: OurChanges
  readonly #plan: MergePlan

  constructor(state: TreeState, theirs: TheirChanges, ours: OurChanges) {
    this.#state = state
    this.#theirs = theirs
    this.#ours = ours
    this.#plan = ours.plan
  }

  /**
   * Names of directories above first: what a new directory is one with counts for those below. Where this has to wait, names
   * may be others by then, and the decisions are good for nothing but to read on.
   */
  *decide(): Steps<void> {
    for (const [directory, names] of this.#plan.names) {
      for (const [name, merge] of names) {
        const theirs = yield* this.#ours.theirName(directory, name)
        const known = { ...merge, theirs }
        names.set(name, known)
        this.#decide(directory, name, known)
      }
    }
  }

  /** Decides what depends on all names. */
  settle(): void {
    this.#splitContents()
    this.#dropSecondMoves()
    for (const ino of this.#plan.baseRecords.keys()) this.#keepEdited(ino)
  }

  /** A file that we edited and theirs took away, of which we took the name that it was reached by: it gets that back. */
  #keepEdited(ino: number): void {
    const inode = this.#ours.known(ino)
    if (!inode || inode.nlink === 0 || !this.#theirs.isGone(ino) || !this.#weEdited(inode)) return
    if (this.#plan.beside.some((beside) => beside.inode === inode)) return
    let place: [TreeInode, Name, MergedName] | undefined
    for (const [directory, names] of this.#plan.names) {
      for (const [name, merge] of names) {
        if (merge.merged === ino) return
        if (merge.before === ino) place ??= [directory, name, merge]
      }
    }
    if (!place) return
    const [directory, name, merge] = place
    if (merge.merged === undefined) merge.merged = ino
    else this.#ours.putBeside(directory, name, inode)
  }

  #decide(directory: TreeInode, name: Name, merge: MergedName): void {
    const { before, ours, theirs } = merge
    if (ours === before) this.#decideUntouched(directory, name, merge)
    else if (ours === theirs) merge.merged = ours
    else if (theirs === before) this.#decideOurs(directory, name, merge)
    else if (ours === undefined) merge.merged = theirs
    else if (theirs !== undefined) this.#clash(directory, name, merge, theirs)
  }

  /** We changed no more than the inode. Where theirs took it away, an edit keeps it. */
  #decideUntouched(directory: TreeInode, name: Name, merge: MergedName): void {
    const { before, theirs } = merge
    merge.merged = theirs
    if (before === undefined || theirs === before) return
    const inode = this.#state.inodes.get(before)
    if (!inode || !this.#theirs.isGone(before) || !this.#weEdited(inode)) return
    if (theirs === undefined) merge.merged = before
    else this.#ours.putBeside(directory, name, inode)
  }

  /** Only we changed the name. Where we took away what theirs edited, it stays, and what we put there goes beside. */
  #decideOurs(directory: TreeInode, name: Name, merge: MergedName): void {
    const { before, ours } = merge
    merge.merged = ours
    if (before === undefined || !this.#isGoneHere(before) || !this.#theyEdited(before)) return
    merge.merged = before
    this.#ours.putBeside(directory, name)
  }

  /** Both put something else there: theirs keeps the name. */
  #clash(directory: TreeInode, name: Name, merge: MergedName, theirs: number): void {
    const inode = directory.names!.get(name)
    merge.merged = theirs
    if (!inode) return
    if (typeof merge.ours !== 'number' && this.#mayUnify(inode, theirs)) {
      this.#ours.unify(inode, theirs)
    } else {
      this.#ours.putBeside(directory, name)
    }
  }

  /** Two new directories are one; so are two new files that say the same anyway. */
  #mayUnify(ours: TreeInode, ino: number): boolean {
    const theirs = this.#theirs.inode(ino)?.after ?? this.#plan.theirRecords.get(ino)
    if (!theirs || ino < this.#ours.firstNew) return false
    if ((ours.mode & FileType.mask) !== (theirs.mode & FileType.mask)) return false
    if (ours.isDirectory) return true
    return (
      ours.nlink === 1 &&
      ours.rdev === theirs.rdev &&
      isSameBytes(ours.target ?? new Uint8Array(), theirs.target ?? new Uint8Array()) &&
      isSameContent(ours, theirs)
    )
  }

  #isGoneHere(ino: number): boolean {
    return !((this.#state.inodes.get(ino)?.nlink ?? 0) > 0)
  }

  #weEdited(inode: TreeInode): boolean {
    const base = this.#plan.baseRecords.get(inode.ino)
    return !inode.isDirectory && (!base || !isSameButTimes(inode, base))
  }

  #theyEdited(ino: number): boolean {
    const { before, after } = this.#theirs.inode(ino) ?? {}
    return !!before && !!after && !before.isDirectory && !isSameButTimes(before, after)
  }

  /** Where both changed the bytes of a file there are two files from now on. */
  #splitContents(): void {
    for (const [ino, base] of this.#plan.baseRecords) {
      const inode = this.#state.inodes.get(ino)
      const { before, after } = this.#theirs.inode(ino) ?? {}
      if (!inode || inode.nlink === 0 || !inode.isRegular || !before || !after) continue
      const bothChanged = !isSameContent(inode, base) && !isSameContent(before, after)
      if (!bothChanged || isSameContent(inode, after)) continue
      this.#plan.split.set(inode, ino)
      const isBeside = this.#plan.beside.some((beside) => beside.inode === inode)
      if (!isBeside) this.#plan.beside.push({ inode, ...this.#placeHere(inode) })
    }
  }

  /**
   * What either side edited keeps a name, also where both together took all away: one that theirs still had. True when
   * that changed something.
   */
  nameEdited(): boolean {
    const taken = new Map<number, [TreeInode, Name, MergedName][]>()
    const kept = new Map<number, number>()
    for (const [directory, names] of this.#plan.names) {
      for (const [name, merge] of names) {
        const { merged, theirs } = merge
        if (merged === theirs) continue
        if (typeof merged === 'number') kept.set(merged, (kept.get(merged) ?? 0) + 1)
        if (theirs === undefined) continue
        const entries = taken.get(theirs) ?? []
        taken.set(theirs, [...entries, [directory, name, merge]])
      }
    }
    let isChanged = false
    for (const [ino, entries] of taken) {
      const record = this.#theirs.inode(ino)?.after ?? this.#plan.baseRecords.get(ino)
      const left = (record?.nlink ?? 0) - entries.length + (kept.get(ino) ?? 0)
      if (record?.isDirectory || left > 0 || !this.#isEdited(ino)) continue
      this.#restore(ino, entries[0]!)
      isChanged = true
    }
    return isChanged
  }

  /**
   * What stays although theirs took it away is new from now on: a third writer may have kept what it made of it likewise, and
   * under the old number the two would be taken for one. Once, when all is decided.
   */
  renewKept(): void {
    for (const names of this.#plan.names.values()) {
      for (const merge of names.values()) {
        const { merged } = merge
        if (typeof merged !== 'number') continue
        const inode = this.#keptFrom(merged)
        if (inode) merge.merged = inode
      }
    }
    for (const { inode } of this.#plan.beside) this.#keptFrom(inode.ino)
  }

  /** What is here and theirs took away. */
  #keptFrom(ino: number): TreeInode | undefined {
    const inode = this.#theirs.isGone(ino) ? this.#ours.known(ino) : undefined
    if (inode) this.#plan.renewed.set(inode, ino)
    return inode
  }

  #isEdited(ino: number): boolean {
    const inode = this.#ours.known(ino)
    const isOurs = inode && inode.nlink > 0 && this.#weEdited(inode)
    return isOurs || this.#theyEdited(ino)
  }

  #restore(ino: number, [directory, name, merge]: [TreeInode, Name, MergedName]): void {
    if (merge.merged !== undefined) this.#ours.putBeside(directory, name)
    merge.merged = ino
  }

  /** A touched name of an inode here, where there is one; else the name that it was last reached by. */
  #placeHere(inode: TreeInode): { directory: TreeInode; name: Name } {
    const { parent, name } = inode
    if (parent && name !== undefined && parent.names!.get(name) === inode) {
      return { directory: parent, name }
    }
    for (const [directory, names] of this.#plan.names) {
      for (const name of names.keys()) {
        if (directory.names!.get(name) === inode) return { directory, name }
      }
    }
    return { directory: this.#state.root, name: name! }
  }

  /** Where both moved an inode of one name, it is where theirs has it. */
  #dropSecondMoves(): void {
    for (const names of this.#plan.names.values()) {
      for (const merge of names.values()) {
        const { merged, before, theirs } = merge
        if (typeof merged !== 'number' || merged === before || merged === theirs) continue
        if (this.#isElsewhereInTheirs(merged)) merge.merged = this.#ours.withoutOurs(merge)
      }
    }
    const kept = this.#plan.beside.filter(({ inode }) => {
      const id = this.#ours.idOf(inode)
      return this.#plan.split.has(inode) || typeof id !== 'number' || !this.#isElsewhereInTheirs(id)
    })
    this.#plan.beside.splice(0, Infinity, ...kept)
  }

  /** Their tree has the inode, of one name, in a place that we did not take from it. */
  #isElsewhereInTheirs(ino: number): boolean {
    const inode = this.#state.inodes.get(ino)
    const record = this.#theirs.inode(ino)?.after
    if (inode?.linked || record?.linked || this.#theirs.isGone(ino)) return false
    const place = this.#theirs.place(ino) ?? this.#plan.basePlaces.get(ino)
    const merge = place && this.#ours.namesAt(place.parent)?.get(place.name)
    return place !== undefined && (!merge || merge.merged === ino)
  }
}
