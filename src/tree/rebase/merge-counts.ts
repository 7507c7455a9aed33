import type { MergedInodes } from './merged-inodes.ts'
import type { PlacedBeside } from './conflict-names.ts'
import type { Id, MergePlan } from './merge-plan.ts'

/** How many names each inode has when all is merged, beyond those that it has in their tree. */
export class MergeCounts {
  readonly #inodes: MergedInodes
  readonly #delta = new Map<Id, number>()

  constructor(plan: MergePlan, beside: readonly PlacedBeside[], inodes: MergedInodes) {
    this.#inodes = inodes
    for (const names of plan.names.values()) {
      for (const { merged, theirs } of names.values()) {
        if (merged === theirs) continue
        if (theirs !== undefined) this.#add(theirs, -1)
        if (merged !== undefined) this.#add(this.#now(merged), 1)
      }
    }
    for (const { inode } of beside) this.#add(inodes.idOf(inode), 1)
    for (const ino of plan.baseRecords.keys()) this.#add(ino, 0)
  }

  /** All inodes whose names we changed, and all that we touched. */
  ids(): Iterable<Id> {
    return this.#delta.keys()
  }

  /** Names in their tree, 1 for a directory. */
  theirNames(id: Id): number {
    const record = typeof id === 'number' ? this.#inodes.theirRecord(id) : undefined
    if (!record) return 0
    return record.isDirectory ? 1 : record.nlink
  }

  names(id: Id): number {
    return this.theirNames(id) + (this.#delta.get(id) ?? 0)
  }

  #now(id: Id): Id {
    return typeof id === 'number' ? id : this.#inodes.idOf(id)
  }

  #add(id: Id, names: number): void {
    this.#delta.set(id, (this.#delta.get(id) ?? 0) + names)
  }
}
