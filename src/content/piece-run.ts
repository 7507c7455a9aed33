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
  const runs: T[][] = []
  for (const item of sorted) {
    const run = runs.at(-1)
    if (run && joins(run, item, runBytes)) run.push(item)
    else runs.push([item])
  }
  const first = (run: readonly T[]) => Math.min(...run.map((item) => order.get(item)!))
  return runs
    .map((run) => ({ run, first: first(run) }))
    .sort((a, b) => a.first - b.first)
    .map(({ run }) => toRun(run))
}

function joins<T extends { readonly ref: PieceRef }>(
  run: readonly T[],
  { ref }: T,
  runBytes: number,
): boolean {
  if (run[0]!.ref.blob !== ref.blob) return false
  if (Math.max(run[0]!.ref.storedLength, ref.storedLength) >= ownRunBytes) return false
  const end = endOf(run)
  return (
    ref.offset - end <= gapBytes &&
    Math.max(end, ref.offset + ref.storedLength) - run[0]!.ref.offset <= runBytes
  )
}

function toRun<T extends { readonly ref: PieceRef }>(items: readonly T[]): PieceRun<T> {
  const { blob, offset } = items[0]!.ref
  return { blob, offset, length: endOf(items) - offset, items }
}

function endOf(run: readonly { readonly ref: PieceRef }[]): number {
  return Math.max(...run.map(({ ref }) => ref.offset + ref.storedLength))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
