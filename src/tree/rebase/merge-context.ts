import type { Name } from '../../terms/name.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import type { TreeState } from '../worktree/tree-state.ts'
import type { PlacedBeside } from './conflict-names.ts'
import { MergeCounts } from './merge-counts.ts'
import type { MergePlan } from './merge-plan.ts'
import { MergedInodes } from './merged-inodes.ts'
import type { OurChanges } from './our-changes.ts'
import type { TheirChanges } from './their-changes.ts'

/** What the steps of carrying out a merge share. Made when all is decided: it begins with the new numbers. */
export class MergeContext {
  readonly state: TreeState
  readonly theirs: TheirChanges
  readonly plan: MergePlan
  readonly beside: readonly PlacedBeside[]
  readonly inodes: MergedInodes
  readonly counts: MergeCounts
  /** Inodes whose attributes or bytes are others now. */
  readonly changed: Set<TreeInode>
  /** Regular files that show something else of themselves now. */
  readonly changedFiles = new Set<TreeInode>()
  /** Names that mean something else now. */
  readonly names: { readonly directory: TreeInode; readonly name: Name }[] = []

  constructor(
    state: TreeState,
    theirs: TheirChanges,
    ours: OurChanges,
    beside: readonly PlacedBeside[],
  ) {
    this.state = state
    this.theirs = theirs
    this.plan = ours.plan
    this.beside = beside
    this.inodes = new MergedInodes(state, theirs, ours)
    this.changed = new Set(this.inodes.renumber())
    this.counts = new MergeCounts(ours.plan, beside, this.inodes)
  }

  /** A directory is in the merged tree. */
  exists(directory: TreeInode): boolean {
    return directory === this.state.root || this.counts.names(this.inodes.idOf(directory)) > 0
  }
}
