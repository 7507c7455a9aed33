import { pieceHashOf } from '../terms/piece-hash.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { HashIndex, Slot } from './hash-index.ts'
import type { PackShelf } from './pack-shelf.ts'
import type { SlabShelf } from './slab-shelf.ts'

/** Where the copies are. */
export interface Shelves {
  readonly slabs: SlabShelf
  readonly packs?: PackShelf
  readonly index: HashIndex
  /** The index's entry for a piece, where its slab is there. */
  readonly slotOf: (ref: PieceRef) => Slot | undefined
}

/** Reads a copy again, in another thread, and counts it as no use. One that is not right is dropped; undefined: there is none. */
export async function recheck(
  { slabs, packs, index, slotOf }: Shelves,
  ref: PieceRef,
): Promise<boolean | undefined> {
  const slot = slotOf(ref)
  const slab = slot === undefined ? undefined : slabs.get(index.slabAt(slot))
  const pack = packs?.packOf(ref)
  const stored = Buffer.allocUnsafe(ref.storedLength)
  if (slab) {
    if (!(await slabs.readLater(slab, stored, index.positionAt(slot!)))) return undefined
    if (pieceHashOf(stored) === ref.hash) return true
    const now = slotOf(ref)
    if (now !== undefined && index.slabAt(now) === slab.number) index.remove(now)
    return false
  }
  if (!packs || !pack || !(await packs.readLater(pack, stored, ref.offset))) return undefined
  if (pieceHashOf(stored) === ref.hash) return true
  packs.remove(pack)
  return false
}

/** The copy that would be read has been compared with its hash by this process. */
export function isChecked(
  { packs, index, slotOf }: Omit<Shelves, 'slabs'>,
  ref: PieceRef,
): boolean {
  const slot = slotOf(ref)
  if (slot !== undefined) return index.isChecked(slot)
  return packs?.packOf(ref)?.read.get(ref.offset)?.hash === ref.hash
}
