import { pieceHashOf } from '../terms/piece-hash.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { HashIndex, Slot } from './hash-index.ts'
import { frameHashAt, frameHeaderBytes, frameLengthAt, hashBytes } from './slab-format.ts'
import type { SlabShelf } from './slab-shelf.ts'

/** Pieces as they are found in the slabs of one directory. */
export class SlabPieces {
  readonly #slabs: SlabShelf
  readonly #index: HashIndex
  readonly #onDamage: (ref: PieceRef) => void
  readonly #hash = Buffer.alloc(hashBytes)
  /** Of a piece whose bytes go into a buffer of somebody else's. */
  readonly #header = Buffer.alloc(frameHeaderBytes)

  /** `onDamage` is told of copies that were dropped. */
  constructor(slabs: SlabShelf, index: HashIndex, onDamage: (ref: PieceRef) => void) {
    this.#slabs = slabs
    this.#index = index
    this.#onDamage = onDamage
  }

  /** The index's entry for a piece, where its slab is there. */
  slotOf(ref: PieceRef): Slot | undefined {
    this.#hash.write(ref.hash, 'base64url')
    const slot = this.#index.find(this.#hash)
    if (slot === undefined || this.#index.lengthAt(slot) !== ref.storedLength) return undefined
    return this.#slabs.get(this.#index.slabAt(slot)) ? slot : undefined
  }

  /** The piece's stored bytes, checked; in `into`, which has their length, where that is given. */
  get(ref: PieceRef, into?: Uint8Array): Uint8Array | undefined {
    const slot = this.slotOf(ref)
    if (slot === undefined) return undefined
    const slab = this.#slabs.get(this.#index.slabAt(slot))!
    const position = this.#index.positionAt(slot)
    const frame = into ? this.#header : Buffer.allocUnsafeSlow(frameHeaderBytes + ref.storedLength)
    const stored = into ?? frame.subarray(frameHeaderBytes)
    const whole =
      this.#slabs.read(slab, frame, position - frameHeaderBytes) &&
      (into === undefined || this.#slabs.read(slab, into, position))
    const isFrame = whole && frameLengthAt(frame, 0) === ref.storedLength
    // Another piece whose hash begins alike.
    if (isFrame && !frameHashAt(frame, 0).equals(this.#hash)) return undefined
    if (!isFrame || (!this.#index.isChecked(slot) && pieceHashOf(stored) !== ref.hash)) {
      if (whole) this.#onDamage(ref)
      this.#index.remove(slot)
      return undefined
    }
    this.#index.setChecked(slot)
    this.#index.hit(slot)
    return stored
  }

  /** The piece is read soon; false where it is not here. */
  willNeed(ref: PieceRef): boolean {
    const slot = this.slotOf(ref)
    const slab = slot === undefined ? undefined : this.#slabs.get(this.#index.slabAt(slot))
    if (!slab) return false
    this.#slabs.willNeed(slab, this.#index.positionAt(slot!), ref.storedLength)
    return true
  }
}
