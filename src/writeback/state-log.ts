import type { Journal, ReplayedRecord } from '../journal/journal.ts'
import type { Change } from '../tree/change.ts'
import { ByteWriter } from '../tree/format/byte-writer.ts'
import { decodeChange, writeChange } from '../tree/format/change-format.ts'
import { type CommitRecord, decodeCommitRecord, encodeCommitRecord } from './commit-record.ts'

/** The first byte of a journal record says whose it is. */
const Kind = { change: 1, commit: 2 } as const

/** What a journal record holds. */
export type StateRecord =
  | { readonly kind: 'change'; readonly segment: number; readonly change: Change }
  | { readonly kind: 'commit'; readonly segment: number; readonly record: CommitRecord }

/** A record that this version cannot read: the journal was written by a newer one, or is damaged in a way its checks missed. */
export class StateRecordError extends Error {
  override readonly name = 'StateRecordError'
}

/** The journal of one drive: changes of the worktree and steps of commits, in one order. */
export class StateLog {
  readonly #journal: Journal
  /** One for all records: the journal copies what it is given. */
  readonly #out = new ByteWriter()

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** The segment that records go to now. */
  get segment(): number {
    return this.#journal.segment
  }

  change(change: Change): void {
    this.#begin(Kind.change)
    writeChange(this.#out, change)
    this.#journal.append(this.#out.view())
  }

  commit(record: CommitRecord): void {
    this.#begin(Kind.commit)
    this.#out.bytes(encodeCommitRecord(record))
    this.#journal.append(this.#out.view())
  }

  /** Everything appended outlives this process when it returns. */
  handOver(): void {
    this.#journal.handOver()
  }

  /** Everything appended is on stable storage when it resolves. */
  async sync(): Promise<void> {
    await this.#journal.sync()
  }

  rotate(): number {
    return this.#journal.rotate()
  }

  async dropBefore(segment: number): Promise<void> {
    await this.#journal.dropBefore(segment)
  }

  #begin(kind: number): void {
    this.#out.clear()
    this.#out.u8(kind)
  }
}

/** Decodes what a journal held. Throws StateRecordError. */
export function* stateRecords(records: Iterable<ReplayedRecord>): Generator<StateRecord> {
  for (const { segment, payload } of records) yield stateRecord(segment, payload)
}

function stateRecord(segment: number, payload: Uint8Array): StateRecord {
  const body = payload.subarray(1)
  try {
    if (payload[0] === Kind.change) return { kind: 'change', segment, change: decodeChange(body) }
    if (payload[0] === Kind.commit) {
      return { kind: 'commit', segment, record: decodeCommitRecord(body) }
    }
  } catch (cause) {
    throw new StateRecordError(`a record of journal segment ${segment} cannot be read`, { cause })
  }
  throw new StateRecordError(`journal segment ${segment} has a record of kind ${payload[0]}`)
}
