import type { ObjectId } from '../../../terms/object-id.ts'
import { ByteReader, ByteWriter } from '../move/byte-writer.ts'
import type { StoredObject } from '../objects/object.ts'
import type { TransactionFacts } from './facts.ts'
import { readObject, writeObject } from './object-codec.ts'

/** A transaction that was executed, with what it did to the objects: one record of the log. */
export interface Commit {
  readonly checkpoint: bigint
  readonly timestampMs: bigint
  readonly digest: string
  readonly facts: TransactionFacts
  /** `sui.rpc.v2.ExecutedTransaction`, every field filled in. */
  readonly executed: Uint8Array
  readonly written: readonly StoredObject[]
  readonly removed: readonly ObjectId[]
}

/** What the index needs of a commit; `executed` is read from the log when it is asked for. */
export type CommitHead = Pick<Commit, 'checkpoint' | 'timestampMs' | 'digest' | 'facts'>

export function encodeCommit(commit: Commit): Uint8Array {
  const writer = new ByteWriter(4096)
  writer.integer(commit.checkpoint, 8)
  writer.integer(commit.timestampMs, 8)
  writer.text(commit.digest)
  writer.text(JSON.stringify(commit.facts))
  writer.block(commit.executed)
  writer.count(commit.removed.length)
  for (const id of commit.removed) writer.address(id)
  writer.count(commit.written.length)
  for (const object of commit.written) writeObject(writer, object)
  return writer.finish()
}

export function decodeCommit(bytes: Uint8Array): Commit {
  const reader = new ByteReader(bytes)
  const head = readHead(reader)
  const executed = reader.block()
  const removed: ObjectId[] = []
  for (let rest = reader.count(); rest > 0; rest--) removed.push(reader.address() as ObjectId)
  const written: StoredObject[] = []
  for (let rest = reader.count(); rest > 0; rest--) written.push(readObject(reader))
  return { ...head, executed, removed, written }
}

/** Only the answer about a transaction. */
export function decodeExecuted(bytes: Uint8Array): Uint8Array {
  const reader = new ByteReader(bytes)
  readHead(reader)
  return reader.block()
}

export function decodeHead(bytes: Uint8Array): CommitHead {
  return readHead(new ByteReader(bytes))
}

function readHead(reader: ByteReader): CommitHead {
  return {
    checkpoint: reader.integer(8),
    timestampMs: reader.integer(8),
    digest: reader.text(),
    facts: JSON.parse(reader.text()) as TransactionFacts,
  }
}
