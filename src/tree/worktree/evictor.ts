import { DirectoryNames } from './directory-names.ts'
import type { TreeInode } from './tree-inode.ts'
import type { TreeState } from './tree-state.ts'

/** So many names are looked at in one go at most. */
const maxLooked = 20_000
/** How far below the limit a pass goes, and how far above the last fruitless one the next begins. */
const slack = 0.05

/** Drops the names of clean directories that nobody holds, those not used for longest first, when there are too many inodes. */
export class Evictor {
  readonly #state: TreeState
  readonly #limit: number
  /** Directories with names that were loaded, in the order of their turn. */
  readonly #turns = new Set<TreeInode>()
  #next: number

  /** `limit`: inodes that may stay in memory. */
  constructor(state: TreeState, limit: number) {
    this.#state = state
    this.#limit = limit
    this.#next = limit
  }

  /** To be called when names of a directory were loaded; may drop others. */
  loaded(directory: TreeInode): void {
    directory.names!.isUsed = true
    this.#turns.add(directory)
    if (this.#state.inodes.size > this.#next) this.#pass()
  }

  #pass(): void {
    let looked = 0
    const goal = this.#limit * (1 - slack)
    for (let turns = 2 * this.#turns.size; turns > 0 && looked < maxLooked; turns--) {
      if (this.#state.inodes.size <= goal) break
      const [directory] = this.#turns
      if (!directory) break
      this.#turns.delete(directory)
      looked += directory.names!.count + 1
      if (!this.#drop(directory)) this.#turns.add(directory)
    }
    this.#next = Math.max(this.#limit, this.#state.inodes.size * (1 + slack))
  }

  /** False where it has to stay for another turn. */
  #drop(directory: TreeInode): boolean {
    const names = directory.names!
    if (names.isUsed) {
      names.isUsed = false
      return false
    }
    if (!this.#isFree(directory)) return false
    for (const inode of names.inodes()) if (!inode.linked) this.#state.forget(inode)
    directory.names = new DirectoryNames(names.stored)
    return true
  }

  #isFree(directory: TreeInode): boolean {
    const { names, retained } = directory
    if (retained > 0 || !names!.stored || this.#state.isTouchedIn(directory)) return false
    for (const inode of names!.inodes()) if (!this.#isLeaf(inode)) return false
    return true
  }

  /** Nothing is lost when the inode is forgotten. */
  #isLeaf(inode: TreeInode): boolean {
    if (inode.linked) return true
    const { names, retained, dirty } = inode
    if (retained > 0 || dirty || this.#state.frozen?.isSaved(inode)) return false
    return !names || (names.count === 0 && !this.#state.isTouchedIn(inode))
  }
}
