import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { framesIn } from './frames.ts'
import type { Frame } from './frames.ts'
import { segmentMagic } from './segment.ts'

/** A file of the ledger with the checkpoint in its name. */
export interface NumberedFile {
  readonly path: string
  readonly checkpoint: bigint
}

const digits = 16

/** The segment that begins with a checkpoint. */
export function segmentPath(directory: string, checkpoint: bigint): string {
  return join(directory, `log-${pad(checkpoint)}`)
}

/** The snapshot of the objects after a checkpoint. */
export function snapshotPath(directory: string, checkpoint: bigint): string {
  return join(directory, `snapshot-${pad(checkpoint)}`)
}

function pad(checkpoint: bigint): string {
  return String(checkpoint).padStart(digits, '0')
}

/** Files of one kind in the order of their checkpoints. Files that were never finished are removed. */
export function listFiles(directory: string, kind: 'log' | 'snapshot'): NumberedFile[] {
  const pattern = new RegExp(`^${kind}-(\\d{${digits}})$`)
  const files: NumberedFile[] = []
  for (const name of readdirSync(directory).sort()) {
    if (name.endsWith('.tmp')) rmSync(join(directory, name))
    const match = pattern.exec(name)
    if (match) files.push({ path: join(directory, name), checkpoint: BigInt(match[1]!) })
  }
  return files
}

/** The records of a segment, and how many of its bytes are whole. */
export interface SegmentContent {
  readonly records: readonly Frame[]
  readonly wholeBytes: number
  /** Bytes after the last whole record. */
  readonly tornBytes: number
}

/** Reads a segment up to the first record that is cut off or damaged. Throws when the file is no segment. */
export function readSegment(path: string): SegmentContent {
  const bytes = readFileSync(path)
  const start = segmentMagic.length
  const torn = bytes.length < start && segmentMagic.subarray(0, bytes.length).equals(bytes)
  if (!torn && !bytes.subarray(0, start).equals(segmentMagic))
    throw new Error(`${path} is not a log of this version`)
  const records = [...framesIn(bytes, start)]
  const last = records.at(-1)
  const wholeBytes = last ? last.offset + last.content.length : start
  return { records, wholeBytes, tornBytes: Math.max(0, bytes.length - wholeBytes) }
}
