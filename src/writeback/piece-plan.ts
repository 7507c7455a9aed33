import type { Extent, ExtentSource } from '../tree/extent-map.ts'
import { pieceBytes } from '../tree/piece-ref.ts'
import type { Slice } from '../tree/slice.ts'
import type { FrozenFile } from '../tree/worktree-api.ts'

/** Bytes [from, to) of a slice. */
export interface SlicePart {
  readonly slice: Slice
  readonly from: number
  readonly to: number
}

/** One piece to be made: parts of slices, back to back. At most `pieceBytes` long, within one aligned block of the file. */
export interface PlannedPiece {
  readonly kind: 'piece'
  readonly parts: readonly SlicePart[]
  readonly length: number
}

/** A part of a small file that goes into its inode record. */
export interface PlannedInline {
  readonly kind: 'inline'
  readonly part: SlicePart
}

/** Files up to this many bytes live in their inode record. */
export const inlineLimit = 1024

type SliceExtent = Extent & { readonly source: Extract<ExtentSource, { kind: 'slice' }> }

/**
 * Which pieces store the slices of a commit: one for each run of new bytes within an aligned block of a file, in the order
 * of the files, so that a sequential read of a file is a sequential read of packs. Bytes of a slice that several files
 * show are stored once. `longest` is the length and alignment of pieces, less than `pieceBytes` only on networks of so few
 * shards that a blob may not be longer.
 */
export function* planPieces(
  files: Iterable<FrozenFile>,
  longest: number = pieceBytes,
): Generator<PlannedPiece | PlannedInline> {
  const planned = new CoveredSlices()
  for (const file of files) {
    const fresh = [...file.extents.all()].filter(isSlice)
    if (staysInline(file)) {
      for (const extent of fresh) {
        for (const part of planned.uncovered(partOf(extent))) yield { kind: 'inline', part }
      }
    } else {
      for (const run of runsOf(fresh, longest)) {
        const parts = run.flatMap((part) => planned.uncovered(part))
        if (parts.length) yield pieceOf(parts)
      }
    }
  }
}

function staysInline({ size, extents }: FrozenFile): boolean {
  if (size > inlineLimit) return false
  for (const { source } of extents.all()) if (source.kind === 'piece') return false
  return true
}

/** Parts that are contiguous in the file and lie in one aligned block of it. */
function* runsOf(extents: readonly SliceExtent[], longest: number): Generator<SlicePart[]> {
  let run: SlicePart[] = []
  let end = -1
  for (const extent of extents) {
    for (let start = extent.start; start < extent.end;) {
      const blockEnd = Math.min(extent.end, (Math.floor(start / longest) + 1) * longest)
      if (run.length && (start !== end || start % longest === 0)) {
        yield run
        run = []
      }
      run.push(partOf(extent, start, blockEnd))
      start = end = blockEnd
    }
  }
  if (run.length) yield run
}

function pieceOf(parts: readonly SlicePart[]): PlannedPiece {
  return { kind: 'piece', parts, length: parts.reduce((sum, { from, to }) => sum + to - from, 0) }
}

function partOf(extent: SliceExtent, start = extent.start, end = extent.end): SlicePart {
  const { slice, at } = extent.source
  return { slice, from: at + start - extent.start, to: at + end - extent.start }
}

function isSlice(extent: Extent): extent is SliceExtent {
  return extent.source.kind === 'slice'
}

/** Ranges of slices that have a place already. */
class CoveredSlices {
  readonly #ranges = new Map<number, { from: number; to: number }[]>()

  /** What of a part has none yet; it counts as covered afterwards. */
  uncovered(part: SlicePart): SlicePart[] {
    const { slice, from, to } = part
    const ranges = this.#ranges.get(slice.id)
    if (!ranges) {
      this.#ranges.set(slice.id, [{ from, to }])
      return [part]
    }
    const left: SlicePart[] = []
    let at = from
    for (const range of ranges.sort((a, b) => a.from - b.from)) {
      if (range.to <= at || range.from >= to) continue
      if (range.from > at) left.push({ slice, from: at, to: range.from })
      at = Math.max(at, range.to)
    }
    if (at < to) left.push({ slice, from: at, to })
    ranges.push(...left.map((piece) => ({ from: piece.from, to: piece.to })))
    return left
  }
}

/** The length of pieces where packs may have so many bytes. */
export function longestPiece(packCapacity: number): number {
  let longest = pieceBytes
  while (longest > 4096 && longest * 4 > packCapacity) longest /= 2
  return longest
}
