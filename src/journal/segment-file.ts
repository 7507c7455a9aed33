import { join } from 'node:path'
import type { SegmentNumber } from './journal.ts'

const pattern = /^(\d{10})\.journal$/

/** Path of a segment's file. */
export function segmentPath(directory: string, segment: SegmentNumber): string {
  return join(directory, `${String(segment).padStart(10, '0')}.journal`)
}

/** The segments among a directory's names, oldest first. */
export function segmentsAmong(names: readonly string[]): SegmentNumber[] {
  return names
    .flatMap((name) => pattern.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}
