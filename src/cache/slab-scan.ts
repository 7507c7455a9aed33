import { type Descriptor, type Disk, readUpToLater } from '../runtime/disk.ts'
import {
  decodeIndex,
  decodeTrailer,
  frameHashAt,
  frameHeaderBytes,
  frameLengthAt,
  type SlabEntry,
  slabHeader,
  trailerBytes,
} from './slab-format.ts'

/** What was found in a slab. */
export interface SlabScan {
  readonly entries: readonly SlabEntry[]
  /** Behind the last whole frame; undefined for a slab with an index, which grows no more. */
  readonly end: number | undefined
}

const windowBytes = 256 << 10

/**
 * Finds the pieces of a slab, by its index or frame by frame from an offset on, in other threads. What does not check ends
 * it, without an error. Throws errors of the system calls.
 */
export async function scanSlab(disk: Disk, file: Descriptor, from = 0): Promise<SlabScan> {
  const size = disk.size(file)
  if (from === 0) {
    const entries = await readIndex(disk, file, size)
    if (entries) return { entries, end: undefined }
    const start = Buffer.alloc(slabHeader.length)
    await readUpToLater(disk, file, start, 0)
    if (!start.equals(slabHeader)) return { entries: [], end: 0 }
  }
  return walkFrames(disk, file, from || slabHeader.length, size)
}

async function readIndex(
  disk: Disk,
  file: Descriptor,
  size: number,
): Promise<SlabEntry[] | undefined> {
  if (size < trailerBytes) return undefined
  const bytes = Buffer.alloc(trailerBytes)
  await readUpToLater(disk, file, bytes, size - trailerBytes)
  const trailer = decodeTrailer(bytes, size)
  // A row is shorter than the frame that it tells of.
  if (!trailer || trailer.bytes > trailer.position) return undefined
  const rows = Buffer.alloc(trailer.bytes)
  await readUpToLater(disk, file, rows, trailer.position)
  const entries = decodeIndex(rows, trailer)
  return entries?.every((entry) => liesBefore(entry, trailer.position)) ? entries : undefined
}

function liesBefore({ position, length }: SlabEntry, end: number): boolean {
  return position >= slabHeader.length + frameHeaderBytes && position + length <= end
}

async function walkFrames(
  disk: Disk,
  file: Descriptor,
  from: number,
  size: number,
): Promise<SlabScan> {
  const entries: SlabEntry[] = []
  const window = Buffer.alloc(windowBytes)
  let [windowAt, windowEnd] = [0, 0]
  let end = from
  while (end + frameHeaderBytes <= size) {
    if (end < windowAt || end + frameHeaderBytes > windowEnd) {
      windowAt = end
      windowEnd = end + (await readUpToLater(disk, file, window, end))
      if (end + frameHeaderBytes > windowEnd) break
    }
    const length = frameLengthAt(window, end - windowAt)
    const position = end + frameHeaderBytes
    if (length === undefined || position + length > size) break
    entries.push({ hash: Buffer.from(frameHashAt(window, end - windowAt)), position, length })
    end = position + length
  }
  return { entries, end }
}
