import { basename } from 'node:path'
import { type Disk, readUpTo, writeAll } from '../runtime/disk.ts'
import { FsError } from '../terms/errno.ts'
import {
  encodeMark,
  FrameKind,
  headerBytes,
  isBefore,
  type Mark,
  markFrameBytes,
  type Position,
  putFrame,
  seedOf,
} from './frame.ts'
import type { ReplayEnd, SegmentNumber, TornEnd } from './journal.ts'
import { segmentPath } from './segment-file.ts'
import { countRecords, type SegmentSurvey } from './survey.ts'
import type { Verdict } from './verdict.ts'

/** A segment whose frames all count. */
export interface KeptSegment {
  readonly segment: SegmentNumber
  /** Length of its file. */
  readonly end: number
}

/** A journal's files after mending: nothing is in them that does not count. */
export interface Mended {
  readonly kept: readonly KeptSegment[]
  readonly end: ReplayEnd
  /** Everything before this place is known to be on stable storage. */
  readonly durable: Position
}

/** Suffix of a file that is being written in place of another. */
export const replacementSuffix = '.new'
const copyBytes = 1 << 20

/**
 * Makes the files what the verdict says, in steps that leave the same verdict when a crash comes between: what is cut
 * off is copied before, and a mark is never lost.
 */
export async function mend(
  disk: Disk,
  directory: string,
  surveys: readonly SegmentSurvey[],
  verdict: Verdict,
): Promise<Mended> {
  const aside = verdict.stop
    ? leftovers(directory, disk.list(directory), surveys, verdict.stop.at)
    : []
  for (const leftover of aside) {
    if (leftover.offset > 0) await copyFrom(disk, leftover)
  }
  const unsynced = countDoubtful(disk, directory, verdict)
  const records = verdict.row.reduce((sum, survey) => sum + survey.records, 0) - unsynced
  const { kept, durable } = await cutRow(disk, directory, verdict)
  // Backwards, so that what a crash leaves does not look as if a segment were missing.
  for (const { segment } of surveys.toReversed()) {
    if (segment < verdict.first || segment <= (kept.at(-1)?.segment ?? 0)) break
    const path = segmentPath(directory, segment)
    const whole = aside.find((leftover) => leftover.path === path && leftover.offset === 0)
    if (whole) disk.rename(path, whole.asidePath)
    else disk.remove(path)
  }
  await disk.syncDirectory(directory)
  return { kept, end: { records, torn: tornEnd(verdict, aside), unsynced }, durable }
}

/** Bytes that do not count, in one segment from an offset on. */
interface Leftover {
  readonly path: string
  readonly offset: number
  readonly bytes: number
  readonly asidePath: string
}

function leftovers(
  directory: string,
  names: readonly string[],
  surveys: readonly SegmentSurvey[],
  stop: Position,
): Leftover[] {
  return surveys
    .filter(({ segment, size }) => segment >= stop.segment && !isHusk(size))
    .map(({ segment, size }) => {
      const path = segmentPath(directory, segment)
      const offset = segment === stop.segment ? stop.offset : 0
      return { path, offset, bytes: size - offset, asidePath: freePath(path, offset, names) }
    })
    .filter(({ offset, bytes }) => offset === 0 || bytes > 0)
}

/** A segment that was being made: nothing is in it. */
function isHusk(size: number): boolean {
  return size < headerBytes
}

function freePath(path: string, offset: number, names: readonly string[]): string {
  for (let tried = 0; ; tried++) {
    const suffix = `.${offset}${tried ? `-${tried}` : ''}.damaged`
    if (!names.includes(basename(path) + suffix)) return path + suffix
  }
}

function tornEnd(verdict: Verdict, aside: readonly Leftover[]): TornEnd | undefined {
  if (!verdict.stop) return undefined
  const { at, damage } = verdict.stop
  const bytes = aside.reduce((sum, leftover) => sum + leftover.bytes, 0)
  if (bytes === 0 && !damage) return undefined
  return { ...at, bytes, damage, setAside: aside.map((leftover) => leftover.asidePath) }
}

/** Whole records that do not count, for nothing says that the bytes they name reached the disk. */
export function countDoubtful(
  disk: Disk,
  directory: string,
  { row, doubtfulFrom }: Verdict,
): number {
  if (!doubtfulFrom) return 0
  let records = 0
  for (const { segment, wholeEnd } of row) {
    if (segment < doubtfulFrom.segment) continue
    const offset = segment === doubtfulFrom.segment ? doubtfulFrom.offset : 0
    records += countRecords(disk, directory, { segment, offset }, wholeEnd)
  }
  return records
}

/** Cuts the last segment that counts where it ends to count. What marks behind that place said stays said. */
async function cutRow(
  disk: Disk,
  directory: string,
  { row, doubtfulFrom, stop, covered, durable, first }: Verdict,
): Promise<Omit<Mended, 'end'>> {
  const last = doubtfulFrom
    ? row.findIndex(({ segment }) => segment === doubtfulFrom.segment)
    : row.length - 1
  const survey = row[last]
  if (!survey || (!doubtfulFrom && !stop)) return { kept: row.map(keptWhole), durable }
  const here = doubtfulFrom ?? { segment: survey.segment, offset: survey.wholeEnd }
  const mark = { covered: earlier(covered, here), durable: earlier(durable, here), first }
  await shorten(disk, directory, survey, here.offset, mark)
  return {
    kept: [
      ...row.slice(0, last).map(keptWhole),
      { segment: here.segment, end: here.offset + markFrameBytes },
    ],
    durable: mark.durable,
  }
}

function keptWhole({ segment, wholeEnd }: SegmentSurvey): KeptSegment {
  return { segment, end: wholeEnd }
}

function earlier(a: Position, b: Position): Position {
  return isBefore(a, b) ? a : b
}

/** Replaces a segment by its beginning and a mark, in one step. */
async function shorten(
  disk: Disk,
  directory: string,
  { segment, header }: SegmentSurvey,
  end: number,
  mark: Mark,
): Promise<void> {
  const path = segmentPath(directory, segment)
  const frame = Buffer.alloc(markFrameBytes)
  putFrame(frame, 0, FrameKind.mark, seedOf(FrameKind.mark, header!.salt), encodeMark(mark))
  await copyRange(disk, path, 0, end, path + replacementSuffix, frame)
  disk.rename(path + replacementSuffix, path)
  await disk.syncDirectory(directory)
}

async function copyFrom(disk: Disk, { path, offset, bytes, asidePath }: Leftover): Promise<void> {
  await copyRange(disk, path, offset, offset + bytes, asidePath)
}

/** Copies [from, to) of a file into a new one, with more bytes behind it, and makes it stable. */
async function copyRange(
  disk: Disk,
  path: string,
  from: number,
  to: number,
  target: string,
  behind: Uint8Array = new Uint8Array(0),
): Promise<void> {
  const source = disk.open(path, 'read')
  try {
    const file = disk.open(target, 'create')
    try {
      const buffer = Buffer.allocUnsafe(copyBytes)
      for (let at = from; at < to; at += copyBytes) {
        const window = buffer.subarray(0, Math.min(copyBytes, to - at))
        if (readUpTo(disk, source, window, at) < window.length) {
          throw new FsError('EIO', `${path} became shorter while it was copied`)
        }
        writeAll(disk, file, window, at - from)
      }
      writeAll(disk, file, behind, to - from)
      await disk.datasync(file)
    } finally {
      disk.close(file)
    }
  } finally {
    disk.close(source)
  }
}
