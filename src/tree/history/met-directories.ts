import { damaged } from '../format-error.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'

/** The directories that a walk over one snapshot has met. One that stands in it twice is a forgery, which could be made to have no end. */
export class MetDirectories {
  readonly #numbers = new Set<number>()

  /** Throws FormatError for a directory that was met before. Of another inode nothing is remembered. */
  meet(inode: TreeInode): void {
    if (!inode.isDirectory) return
    if (this.#numbers.has(inode.ino)) throw damaged(`directory ${inode.ino} is in the tree twice`)
    this.#numbers.add(inode.ino)
  }
}
