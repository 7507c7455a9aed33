import { firstVirtual } from '../virtual-node.ts'

/** Inode numbers of a drive below this are told apart in its past. */
const inodes = 2 ** 36
/** Slot 0 has the snapshots themselves, the last one what counts down from the top (`virtualInode`). */
const slots = 2 ** 16 - 2

/**
 * Inode numbers of past states: above all of the drive's own, so that no program takes a file and its past for one file. Each
 * state that is looked into has a slot, for as long as the mount lasts: the same file of it has the same number then,
 * however often it was forgotten.
 */
export class PastInodeNumbers {
  readonly #slots = new Map<number, number>()

  /** Of the directory of a state. */
  ofState(sequence: number): number {
    return firstVirtual + (sequence % inodes)
  }

  /** Of an inode in it. */
  ofInode(sequence: number, ino: number): number {
    let slot = this.#slots.get(sequence)
    if (slot === undefined) this.#slots.set(sequence, (slot = 1 + (this.#slots.size % slots)))
    return firstVirtual + slot * inodes + (ino % inodes)
  }
}
