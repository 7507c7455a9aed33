import { isGone } from '../renewal/kept-snapshots.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { predecessorsOf } from '../tree/history/root-records.ts'
import { decodeRecord } from '../tree/format/record-format.ts'
import type { RootRecord } from '../tree/root-record.ts'
import type { Drive } from './open-drive.ts'

/** One commit as `log` shows it. */
export interface PastCommit {
  readonly sequence: number
  readonly timeMs: number
  readonly writer: string
  readonly usedBytes: number
  readonly usedInodes: number
  /** The pack that its root record lies in; undefined for a small change that lies in the manifest. */
  readonly blob: BlobId | undefined
}

/**
 * The commits of a drive, newest first: the small changes since the last one, then from root record to root record, whatever
 * the full node remembers. Those that gc has forgotten are not told.
 */
export async function* commitsOf({ worktree, content }: Drive): AsyncGenerator<PastCommit> {
  const { base, inline } = worktree
  for (const [i, bytes] of [...inline.entries()].reverse()) {
    yield pastAppend((base?.sequence ?? 0) + i + 1, bytes)
  }
  if (!base) return
  yield pastCommit(base)
  try {
    for await (const record of predecessorsOf(content, base)) yield pastCommit(record)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

function pastAppend(sequence: number, bytes: Uint8Array): PastCommit {
  const { timeMs, writer, changes } = decodeRecord(bytes)
  const totals = changes.at(-1)
  if (totals?.type !== 'totals') throw new Error('a record without totals')
  const { usedBytes, usedInodes } = totals
  return { sequence, timeMs, writer, usedBytes, usedInodes, blob: undefined }
}

function pastCommit(record: RootRecord): PastCommit {
  const { sequence, timeMs, writer, usedBytes, usedInodes, self } = record
  return { sequence, timeMs, writer, usedBytes, usedInodes, blob: self.blob }
}
