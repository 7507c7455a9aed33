import { decodeRootRecord } from '../tree/format/root-format.ts'
import type { BlobId } from '../terms/blob-id.ts'
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

/** The commits of a drive, newest first: from root record to root record, whatever the full node remembers. */
export async function* commitsOf({ worktree, content }: Drive): AsyncGenerator<PastCommit> {
  for (let record = worktree.base; record; record = await before(record)) {
    const { sequence, timeMs, writer, usedBytes, usedInodes, self } = record
    yield { sequence, timeMs, writer, usedBytes, usedInodes, blob: self.blob }
  }

  async function before({ predecessor }: RootRecord): Promise<RootRecord | undefined> {
    return predecessor && decodeRootRecord(await content.piece(predecessor), predecessor)
  }
}
