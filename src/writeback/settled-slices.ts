import type { SettledRange } from '../tree/extent-map.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { Slice } from '../tree/slice.ts'
import type { PlannedPiece, SlicePart } from './piece-plan.ts'

/** Where the slices of a commit went. */
export class SettledSlices {
  readonly #ranges = new Map<number, SettledRange[]>()

  /** A piece was stored. */
  piece(planned: PlannedPiece, piece: PieceRef): void {
    let at = 0
    for (const part of planned.parts) {
      this.#add(part, { kind: 'piece', piece, at })
      at += part.to - part.from
    }
  }

  /** Bytes go into the inode's record. */
  inline(part: SlicePart, bytes: Uint8Array): void {
    this.#add(part, { kind: 'inline', bytes, at: 0 })
  }

  /** For the tree: undefined for a slice that is not in this commit. */
  readonly find = (slice: Slice): readonly SettledRange[] | undefined => this.#ranges.get(slice.id)

  /** The same with every reference replaced. */
  resolved(resolve: (ref: PieceRef) => PieceRef): SettledSlices {
    const settled = new SettledSlices()
    for (const [id, ranges] of this.#ranges) {
      settled.#ranges.set(
        id,
        ranges.map((range) =>
          range.source.kind === 'piece'
            ? { ...range, source: { ...range.source, piece: resolve(range.source.piece) } }
            : range,
        ),
      )
    }
    return settled
  }

  #add({ slice, from, to }: SlicePart, source: SettledRange['source']): void {
    const ranges = this.#ranges.get(slice.id) ?? []
    ranges.push({ from, to, source })
    this.#ranges.set(slice.id, ranges)
  }
}
