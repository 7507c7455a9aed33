import type { Extent, ExtentMap } from '../tree/extent-map.ts'
import type { Inode } from '../tree/inode.ts'
import { pieceBytes } from '../tree/piece-ref.ts'
import type { Slice } from '../tree/slice.ts'
import type { StagingApi } from './content-api.ts'

/** A slice and the offset in the file where its first byte belongs. */
export interface PlacedSlice {
  readonly offset: number
  readonly slice: Slice
}

const inPlace: readonly PlacedSlice[] = []

/**
 * Puts written bytes into staging: in place where a recent slice of the file covers them, behind that slice where they
 * go on from it (many small writes make one slice), else as a slice of their own.
 */
export function stageWrite(
  staging: StagingApi,
  inode: Inode,
  offset: number,
  bytes: Uint8Array,
): readonly PlacedSlice[] {
  if (bytes.length === 0) return inPlace
  const { extents } = inode
  if (!extents || extents.count === 0) return [{ offset, slice: staging.write(bytes) }]
  for (const extent of extents.over(Math.max(0, offset - 1), offset + 1)) {
    if (extent.source.kind !== 'slice') continue
    if (covers(extents, extent, offset, bytes.length)) {
      const { slice, at } = extent.source
      if (staging.overwrite(slice, at + offset - extent.start, bytes)) return inPlace
    } else {
      const grown = grow(staging, extents, extent, offset, bytes)
      if (grown) return [grown]
    }
  }
  return [{ offset, slice: staging.write(bytes) }]
}

/** The extent (given clipped) goes on over the whole range. */
function covers(
  extents: ExtentMap,
  { start, end }: Extent,
  offset: number,
  length: number,
): boolean {
  if (end <= offset) return false
  for (const whole of extents.over(start, offset + length)) return whole.end >= offset + length
  return false
}

/** The whole slice shows, and the bytes begin in it or at its end and go beyond. */
function grow(
  staging: StagingApi,
  extents: ExtentMap,
  { start, source }: Extent,
  offset: number,
  bytes: Uint8Array,
): PlacedSlice | undefined {
  if (source.kind !== 'slice') return undefined
  const { slice, at } = source
  const from = start - at
  if (offset + bytes.length - from > pieceBytes || from < 0) return undefined
  if (!showsWhole(extents, slice, from)) return undefined
  const inside = from + slice.length - offset
  if (inside > 0 && staging.appendOnly) return undefined
  const grown = staging.extend(slice, inside > 0 ? bytes.subarray(inside) : bytes)
  if (!grown) return undefined
  if (inside > 0) staging.overwrite(grown, offset - from, bytes.subarray(0, inside))
  return { offset: from, slice: grown }
}

function showsWhole(extents: ExtentMap, slice: Slice, from: number): boolean {
  for (const extent of extents.over(from, from + slice.length)) {
    return (
      extent.start === from &&
      extent.end === from + slice.length &&
      extent.source.kind === 'slice' &&
      extent.source.slice.id === slice.id &&
      extent.source.at === 0
    )
  }
  return false
}
