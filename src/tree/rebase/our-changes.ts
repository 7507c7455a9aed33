import type { Name } from '../../terms/name.ts'
import { inodeOfRoot } from '../format/root-format.ts'
import { LinkedName } from '../kinds/directory-kind.ts'
import type { StandingTree } from '../inline/standing-tree.ts'
import type { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { Steps } from '../steps.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import { rootIno } from '../worktree/tree-state.ts'
import type { TreeState } from '../worktree/tree-state.ts'
import type { Lookups } from './lookups.ts'
import { emptyPlan } from './merge-plan.ts'
import type { Id, MergedName, MergePlan } from './merge-plan.ts'
import type { TheirChanges } from './their-changes.ts'

/** Collects what we changed, and what the base and their tree have in the same places. */
export class OurChanges {
  readonly plan: MergePlan = emptyPlan()
  /** The first number that the two sides may have given to different inodes. */
  readonly firstNew: number
  readonly #state: TreeState
  readonly #base: StandingTree
  readonly #lookups: Lookups
  readonly #theirs: TheirChanges
  readonly #pace: Pace | undefined
  readonly #byNumber = new Map<number, TreeInode>()

  /** `pace`: others may go first now and then, and what is collected is good for having read it only. */
  constructor(
    state: TreeState,
    base: StandingTree,
    lookups: Lookups,
    theirs: TheirChanges,
    pace: Pace | undefined,
  ) {
    this.#state = state
    this.#base = base
    this.firstNew = base.record?.nextIno ?? rootIno + 1
    this.#lookups = lookups
    this.#theirs = theirs
    this.#pace = pace
  }

  *collect(): Steps<MergePlan> {
    const { record } = this.#base
    if (record) this.plan.baseRecords.set(rootIno, inodeOfRoot(record.directory))
    for (const directory of this.#directories()) yield* this.#collectNames(directory)
    for (const inode of this.#state.touched.links) yield* this.#collectPlace(inode)
    return this.plan
  }

  idOf(inode: TreeInode): Id {
    return this.plan.unified.get(inode) ?? (inode.ino < this.firstNew ? inode.ino : inode)
  }

  /** The inode in memory that has this number on both sides. */
  known(ino: number): TreeInode | undefined {
    return ino < this.firstNew ? this.#state.inodes.get(ino) : undefined
  }

  /** What a name means in their tree. */
  *theirName(directory: TreeInode, name: Name): Steps<number | undefined> {
    yield* this.#rest()
    const id = this.idOf(directory)
    if (typeof id !== 'number') return undefined
    const told = this.#theirs.names(id).get(name)
    if (told) return told.after
    const value = yield* this.#lookups.name(this.theirNode(directory, id), name)
    if (value instanceof LinkedName) yield* this.#collectLinked(value.ino)
    else if (value) this.plan.theirRecords.set(value.ino, value)
    return value?.ino
  }

  /** Puts what we had at a name beside what is there now; of a split file it is theirs that was there. */
  putBeside(directory: TreeInode, name: Name, inode = directory.names!.get(name)): void {
    const { beside, split } = this.plan
    if (!inode || split.has(inode)) return
    const isThere = beside.some(
      (known) => known.inode === inode && known.directory === directory && known.name === name,
    )
    if (!isThere) beside.push({ inode, directory, name })
  }

  /** What a name means when what we put there is dropped: what they have, unless we moved that away. */
  withoutOurs({ before, theirs }: MergedName): number | undefined {
    const isMoved = theirs === before && before !== undefined && this.known(before)?.nlink
    return isMoved ? undefined : theirs
  }

  /** The names of a directory in their tree. */
  theirNode(directory: TreeInode, id: number): PieceRef | undefined {
    const [node, isKnown] = this.#theirs.node(id)
    if (isKnown) return node
    const record = this.plan.theirRecords.get(id)
    return record ? record.names!.stored?.node : this.#baseNode(directory)
  }

  /** The touched names of the directory that has this number on both sides. */
  namesAt(id: number): Map<Name, MergedName> | undefined {
    const directory = this.#byNumber.get(id)
    return directory && this.plan.names.get(directory)
  }

  /** The names of a directory in the tree under our changes. */
  #baseNode(directory: TreeInode): PieceRef | undefined {
    const { nodes } = this.#base
    const { ino, names } = directory
    return nodes.has(ino) ? nodes.get(ino) : names!.stored?.node
  }

  unify(ours: TreeInode, ino: number): void {
    this.plan.unified.set(ours, ino)
    if (this.plan.names.has(ours)) this.#byNumber.set(ino, ours)
  }

  /** Touched directories, those above first; those that are gone here at the end. */
  #directories(): Iterable<TreeInode> {
    const { root, touched } = this.#state
    const found = new Set(touched.names.has(root) ? [root] : [])
    for (const directory of found) {
      for (const name of touched.names.get(directory)!) {
        const child = directory.names!.get(name)
        if (child && touched.names.has(child)) found.add(child)
      }
    }
    for (const directory of touched.names.keys()) found.add(directory)
    return found
  }

  *#collectNames(directory: TreeInode): Steps<void> {
    const names = new Map<Name, MergedName>()
    this.#begin(directory, names)
    for (const name of this.#state.touched.names.get(directory)!) {
      yield* this.#collectName(directory, name, names)
    }
  }

  *#collectName(directory: TreeInode, name: Name, names: Map<Name, MergedName>): Steps<void> {
    yield* this.#rest()
    const before = yield* this.#baseName(directory, name)
    const inode = directory.names!.get(name)
    const ours = inode && this.idOf(inode)
    if (inode?.linked && typeof ours === 'number') yield* this.#collectLinked(ours)
    names.set(name, { before, ours, theirs: undefined, merged: ours })
  }

  /** A hard-linked file that we changed counts where it was last reached, as others do where they are. */
  *#collectPlace(inode: TreeInode): Steps<void> {
    yield* this.#collectLinked(inode.ino)
    const { parent, name } = inode
    if (!parent || name === undefined || parent.names!.get(name) !== inode) return
    const names = this.plan.names.get(parent) ?? new Map<Name, MergedName>()
    if (!this.plan.names.has(parent)) this.#begin(parent, names)
    if (!names.has(name)) yield* this.#collectName(parent, name, names)
  }

  *#rest(): Steps<void> {
    const turn = this.#pace?.next()
    if (turn) yield turn
  }

  #begin(directory: TreeInode, names: Map<Name, MergedName>): void {
    this.plan.names.set(directory, names)
    const id = this.idOf(directory)
    if (typeof id === 'number') this.#byNumber.set(id, directory)
  }

  *#baseName(directory: TreeInode, name: Name): Steps<number | undefined> {
    const value = yield* this.#lookups.name(this.#baseNode(directory), name)
    if (!value) return undefined
    this.plan.basePlaces.set(value.ino, { parent: directory.ino, name })
    if (value instanceof LinkedName) yield* this.#collectLinked(value.ino)
    else this.plan.baseRecords.set(value.ino, value)
    return value.ino
  }

  *#collectLinked(ino: number): Steps<void> {
    const record = yield* this.#lookups.linked(this.#base.record?.links, ino)
    if (record) this.plan.baseRecords.set(ino, record)
  }
}
