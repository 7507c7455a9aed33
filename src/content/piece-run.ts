import type { BlobId } from '../terms/blob-id.ts'
import type { PieceRef } from '../tree/piece-ref.ts'

/** Pieces that lie near each other in one pack, to be fetched with one read. */
export interface PieceRun<T extends { readonly ref: PieceRef }> {
  readonly blob: BlobId
  readonly offset: number
  readonly length: number
  /** By offset. */
  readonly items: readonly T[]
}

/** Unwanted bytes between two pieces that are cheaper to fetch than a second read. */
const gapBytes = 32 << 10

/** A piece from so many bytes on is a run of its own: it comes into memory of its own, and is not copied out of a run's. */
const ownRunBytes = 256 << 10

/**
 * Sorts pieces into runs of at most `runBytes` (a large piece is a run of its own), each with gaps of at most 32 KiB.
 * Runs come in the order of their first pieces in the list: what was asked for first is fetched first.
 */
export function pieceRuns<T extends { readonly ref: PieceRef }>(
  items: readonly T[],
  runBytes: number,
): PieceRun<T>[] {
  const order = new Map(items.map((item, index) => [item, index]))
  const sorted = [...items].sort(
    (a, b) => compare(a.ref.blob, b.ref.blob) || a.ref.offset - b.ref.offset,
  )
  const runs: OpenRun<T>[] = []
  for (const item of sorted) {
    const { blob, offset, storedLength } = item.ref
    const [end, first] = [offset + storedLength, order.get(item)!]
    const run = runs.at(-1)
    if (run && joins(run, item.ref, runBytes)) {
      run.items.push(item)
      run.end = Math.max(run.end, end)
      run.first = Math.min(run.first, first)
    } else runs.push({ blob, offset, end, first, items: [item] })
  }
  return runs
    .sort((a, b) => a.first - b.first)
    .map(({ blob, offset, end, items }) => ({ blob, offset, length: end - offset, items }))
}

/** A run to which pieces may still be added. */
interface OpenRun<T> {
  readonly blob: BlobId
  readonly offset: number
  end: number
  /** The first place of its pieces in the list. */
  first: number
  readonly items: T[]
}

function joins(run: OpenRun<unknown>, ref: PieceRef, runBytes: number): boolean {
  if (run.blob !== ref.blob) return false
  const longest = Math.max(run.items.length === 1 ? run.end - run.offset : 0, ref.storedLength)
  if (longest >= ownRunBytes) return false
  const end = Math.max(run.end, ref.offset + ref.storedLength)
  return ref.offset - run.end <= gapBytes && end - run.offset <= runBytes
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
