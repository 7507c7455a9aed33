import type { Log } from '../../../runtime/log.ts'
import { ObjectStore } from '../objects/object-store.ts'
import { decodeCommit, decodeHead } from './commit.ts'
import type { Commit } from './commit.ts'
import { listFiles, readSegment, segmentPath } from './ledger-files.ts'
import { Segment } from './segment.ts'
import { readSnapshot } from './snapshot.ts'
import { TransactionIndex } from './transaction-index.ts'

/** What the files of a ledger hold. */
export interface Replayed {
  readonly objects: ObjectStore
  readonly transactions: TransactionIndex
  /** Where the log goes on. */
  readonly segment: Segment
}

/** Changes the objects as a commit says. */
export function applyCommit(objects: ObjectStore, commit: Commit): void {
  for (const id of commit.removed) objects.delete(id)
  for (const object of commit.written) objects.put(object)
}

/**
 * Reads the newest snapshot and the log after it; older segments are only indexed. A record that was cut off at the
 * end of the log is dropped. Throws when the log is damaged before its end.
 */
export async function replay(directory: string, log: Log): Promise<Replayed> {
  const { objects, from } = await newestSnapshot(directory, log)
  const transactions = new TransactionIndex()
  const files = listFiles(directory, 'log')
  let wholeBytes = 0
  files.forEach(({ path, checkpoint }, i) => {
    const content = readSegment(path)
    wholeBytes = content.wholeBytes
    if (content.tornBytes > 0) {
      if (i < files.length - 1 && checkpoint >= from)
        throw new Error(`${path} is damaged in its middle: the chain cannot go on from here`)
      log.warn('a record was cut off in the log and is dropped', {
        path,
        bytes: content.tornBytes,
      })
    }
    for (const { offset, content: bytes } of content.records) {
      const head = decodeHead(bytes)
      transactions.add({ ...head, segment: path, offset, length: bytes.length })
      if (head.checkpoint >= from) applyCommit(objects, decodeCommit(bytes))
    }
  })
  const last = files.at(-1)
  const segment = last
    ? Segment.continue(last.path, wholeBytes)
    : Segment.create(segmentPath(directory, from === 0n ? 1n : from))
  return { objects, transactions, segment }
}

/** The objects to begin with, and the first checkpoint that they do not contain. */
async function newestSnapshot(
  directory: string,
  log: Log,
): Promise<{ objects: ObjectStore; from: bigint }> {
  for (const file of listFiles(directory, 'snapshot').reverse()) {
    const objects = await readSnapshot(file.path)
    if (objects) return { objects: new ObjectStore(objects), from: file.checkpoint + 1n }
    log.warn('a damaged snapshot is passed over', { path: file.path })
  }
  return { objects: new ObjectStore(), from: 0n }
}
