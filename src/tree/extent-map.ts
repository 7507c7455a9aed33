import type { PieceRef } from './piece-ref.ts'
import type { Slice } from './slice.ts'

/** Where the bytes of an extent come from; `at` is the offset of its first byte in that source's plain bytes. */
export type ExtentSource =
  | { readonly kind: 'piece'; readonly piece: PieceRef; readonly at: number }
  | { readonly kind: 'slice'; readonly slice: Slice; readonly at: number }
  | { readonly kind: 'inline'; readonly bytes: Uint8Array; readonly at: number }

/** A run of a file's bytes: [start, end) in the file. What no extent covers is a hole and reads as zeros. */
export interface Extent {
  readonly start: number
  readonly end: number
  readonly source: ExtentSource
}

/**
 * The extents of one file, sorted, not overlapping, adjacent ones of one source joined. Pure data: knows
 * nothing of the file's size, which the inode holds. Copy-on-write: `snapshot()` is O(1) and the first
 * change after it copies.
 */
export interface ExtentMap {
  readonly count: number
  /** Bytes covered by extents (what st_blocks counts). */
  readonly coveredBytes: number
  /** Those of them that lie in slices, in no blob yet. */
  readonly sliceBytes: number
  /** Puts a source over [start, end), replacing what was there. */
  put(start: number, end: number, source: ExtentSource): void
  /** Makes [start, end) a hole. `end` may be Infinity: truncation. */
  clear(start: number, end: number): void
  /** The extent that an offset lies in, whole; undefined in a hole. */
  at(offset: number): Extent | undefined
  /** The extents that touch [start, end), clipped to it, in order; gaps are holes. */
  over(start: number, end: number): Iterable<Extent>
  /** All extents in order. */
  all(): Iterable<Extent>
  /** First byte at or after `offset` that lies in an extent, or undefined. For SEEK_DATA. */
  nextData(offset: number): number | undefined
  /** First byte at or after `offset` that lies in none. For SEEK_HOLE. */
  nextHole(offset: number): number
  /**
   * Replaces every slice extent for which `found` gives pieces, leaving the rest. `found(slice)` returns where
   * the slice's bytes are now as [from, to) ranges of the slice. Used when a commit has settled slices:
   * extents that were split, clipped or copied since the freeze are settled too.
   */
  settle(found: (slice: Slice) => readonly SettledRange[] | undefined): void
  /** An independent copy; neither sees the other's later changes. */
  snapshot(): ExtentMap
}

/** Bytes [from, to) of a slice are stored: at `source.at` on, in a piece or inline. */
export interface SettledRange {
  readonly from: number
  readonly to: number
  readonly source: Extract<ExtentSource, { kind: 'piece' | 'inline' }>
}
