import { isGone } from '../renewal/kept-snapshots.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { predecessorsOf } from '../tree/history/root-records.ts'
import type { RootRecord } from '../tree/root-record.ts'
import type { Drive } from './open-drive.ts'

/** One commit as `log` shows it. */
export interface PastCommit {
  readonly sequence: number
  readonly timeMs: number
  readonly writer: string
  readonly usedBytes: number
  readonly usedInodes: number
  /** The pack that its root record lies in. */
  readonly blob: BlobId
}

/**
 * The commits of a drive, newest first: from root record to root record, whatever the full node remembers. Those that gc has
 * forgotten are not told.
 */
export async function* commitsOf({ worktree, content }: Drive): AsyncGenerator<PastCommit> {
  const { base } = worktree
  if (!base) return
  yield pastCommit(base)
  try {
    for await (const record of predecessorsOf(content, base)) yield pastCommit(record)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

function pastCommit(record: RootRecord): PastCommit {
  const { sequence, timeMs, writer, usedBytes, usedInodes, self } = record
  return { sequence, timeMs, writer, usedBytes, usedInodes, blob: self.blob }
}
