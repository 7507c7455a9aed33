import { join } from 'node:path'
import type { Amount } from './amount.ts'
import { appendAndSync } from './fsyncs.ts'
import { forgetPages } from './page-cache.ts'
import { randomReads, readBytes } from './random-reads.ts'
import { createFiles, deleteFiles, listFiles, smallFileBytes, statFiles } from './small-files.ts'
import { readWhole, writeWhole } from './whole-file.ts'

/** How much one round does. */
export interface Sizes {
  /** Bytes of the file that is written and read. */
  readonly fileBytes: number
  /** Random reads of 4 KiB in it. */
  readonly reads: number
  /** Files of 4 KiB. */
  readonly files: number
  readonly fsyncs: number
}

/** What is measured, in this order. */
export const measures = [
  'write',
  'readCached',
  'readUncached',
  'randomRead',
  'create',
  'stat',
  'list',
  'delete',
  'fsync',
] as const

export type Measure = (typeof measures)[number]

/** What one round found; without the measures that this system cannot make. */
export type Round = Readonly<Partial<Record<Measure, Amount>>>

/** Bytes of disk that a round takes at once, with room for what a file system needs beside them. */
export function bytesNeeded({ fileBytes, files, fsyncs }: Sizes): number {
  return Math.ceil(1.1 * (fileBytes + (files + fsyncs) * smallFileBytes)) + (8 << 20)
}

/** Measures a directory, which must be empty: calls of the system one after the other, in the thread that calls this. */
export function measureRound(directory: string, sizes: Sizes): Round {
  const [large, small] = [join(directory, 'large'), join(directory, 'small')]
  const write = writeWhole(large, sizes.fileBytes)
  const readCached = readWhole(large)
  const uncached = forgetPages(large) ? readUncached(large, sizes) : {}
  return {
    write,
    readCached,
    ...uncached,
    create: createFiles(small, sizes.files),
    stat: statFiles(small, sizes.files),
    list: listFiles(small),
    delete: deleteFiles(small),
    fsync: appendAndSync(join(directory, 'appended'), sizes.fsyncs),
  }
}

function readUncached(large: string, { fileBytes, reads }: Sizes): Round {
  const readUncached = readWhole(large)
  if (!forgetPages(large) || fileBytes < readBytes) return { readUncached }
  return { readUncached, randomRead: randomReads(large, reads) }
}
