import type { Disk } from '../runtime/disk.ts'
import { FsError } from '../terms/errno.ts'
import {
  decodeMark,
  FrameKind,
  frameBytes,
  headerBytes,
  type Mark,
  type Position,
  type SegmentHeader,
} from './frame.ts'
import type { SegmentNumber } from './journal.ts'
import { segmentPath } from './segment-file.ts'
import { SegmentReader } from './segment-reader.ts'

/** What one segment file holds, seen by itself. */
export interface SegmentSurvey {
  readonly segment: SegmentNumber
  readonly size: number
  /** Undefined when it is not whole or is that of another segment. */
  readonly header: SegmentHeader | undefined
  /** Offset behind the last frame of the unbroken row from the start. */
  readonly wholeEnd: number
  /** Records in that row. */
  readonly records: number
  /** Offset behind the last record in that row; 0 where there is none. */
  readonly recordsEnd: number
  /** The bytes behind it can be the beginning of one frame that was being written. */
  readonly looksCut: boolean
  /** Marks in that row, in order. */
  readonly marks: readonly Mark[]
  /** Marks found behind it. */
  readonly marksBehind: readonly Mark[]
}

/** Reads all frames of a segment. */
export function surveySegment(
  disk: Disk,
  directory: string,
  segment: SegmentNumber,
): SegmentSurvey {
  const reader = new SegmentReader(disk, segmentPath(directory, segment))
  try {
    const { size } = reader
    const header = reader.header?.segment === segment ? reader.header : undefined
    const marks: Mark[] = []
    let [records, recordsEnd] = [0, 0]
    for (let frame = header && reader.next(); frame; frame = reader.next()) {
      const mark = decodeMark(frame)
      if (mark) {
        marks.push(mark)
        continue
      }
      if (frame[frameBytes] !== FrameKind.record) continue
      records++
      recordsEnd = reader.position
    }
    const wholeEnd = reader.position
    return {
      segment,
      size,
      header,
      wholeEnd,
      records,
      recordsEnd,
      looksCut: looksCut(reader),
      marks,
      marksBehind: wholeEnd < size ? [...reader.marksBehind()] : [],
    }
  } finally {
    reader.close()
  }
}

function looksCut(reader: SegmentReader): boolean {
  if (!reader.header) return reader.size < headerBytes
  if (reader.size - reader.position < frameBytes) return true
  const claimed = reader.claimedLength()
  return claimed !== undefined && reader.position + claimed > reader.size
}

/** Records whose frames begin in [from.offset, to) of a segment that was surveyed. */
export function countRecords(disk: Disk, directory: string, from: Position, to: number): number {
  let records = 0
  for (const { offset } of recordsOf(disk, directory, from.segment, to)) {
    if (offset >= from.offset) records++
  }
  return records
}

/** The records of a segment up to an offset. The payload is valid until the next one. */
export function* recordsOf(
  disk: Disk,
  directory: string,
  segment: SegmentNumber,
  end: number,
): Iterable<{ readonly offset: number; readonly payload: Buffer }> {
  const reader = new SegmentReader(disk, segmentPath(directory, segment))
  try {
    while (reader.position < end) {
      const offset = reader.position
      const frame = reader.next()
      if (!frame) throw new FsError('EIO', `journal segment ${segment} changed while it was read`)
      if (frame[frameBytes] === FrameKind.record)
        yield { offset, payload: frame.subarray(frameBytes + 1) }
    }
  } finally {
    reader.close()
  }
}
