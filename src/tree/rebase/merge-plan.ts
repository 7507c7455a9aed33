import type { Name } from '../../terms/name.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import type { Place } from './their-changes.ts'

/** An inode that both sides know is named by its number, one that is ours alone by itself. */
export type Id = number | TreeInode

/** One name that we touched: what it means in the base, here, in their tree, and when all is merged. */
export interface MergedName {
  readonly before: number | undefined
  readonly ours: Id | undefined
  readonly theirs: number | undefined
  merged: Id | undefined
}

/** Our version of something that their tree has in its place: it gets a name beside. */
export interface Beside {
  readonly inode: TreeInode
  readonly directory: TreeInode
  /** The name that was taken. */
  readonly name: Name
}

/** What a rebase is going to do. */
export interface MergePlan {
  /** Names that we touched, by directory; directories above come before those below. */
  readonly names: Map<TreeInode, Map<Name, MergedName>>
  /** Our new inodes that are one with a new inode of theirs. */
  readonly unified: Map<TreeInode, number>
  /** Files whose bytes both sides changed: ours lives on under another number than the one here. */
  readonly split: Map<TreeInode, number>
  readonly beside: Beside[]
  /** What theirs took away and stays, since we edited it or something in it: new from now on. With the numbers that they had. */
  readonly renewed: Map<TreeInode, number>
  /** Records in the base of inodes that we touched or took away. */
  readonly baseRecords: Map<number, TreeInode>
  /** Where the base has what we moved or took away. */
  readonly basePlaces: Map<number, Place>
  /** Records of their tree that were looked up. */
  readonly theirRecords: Map<number, TreeInode>
}

export function emptyPlan(): MergePlan {
  return {
    names: new Map(),
    unified: new Map(),
    split: new Map(),
    beside: [],
    renewed: new Map(),
    baseRecords: new Map(),
    basePlaces: new Map(),
    theirRecords: new Map(),
  }
}
