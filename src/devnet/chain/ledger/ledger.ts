import { closeSync, mkdirSync, openSync, readSync, rmSync, statSync } from 'node:fs'
import type { Log } from '../../../runtime/log.ts'
import type { ObjectId } from '../../../terms/object-id.ts'
import type { StoredObject } from '../objects/object.ts'
import type { ObjectStore } from '../objects/object-store.ts'
import { decodeCommit, decodeExecuted, encodeCommit } from './commit.ts'
import type { Commit } from './commit.ts'
import { listFiles, segmentPath, snapshotPath } from './ledger-files.ts'
import { applyCommit, replay } from './replay.ts'
import type { Replayed } from './replay.ts'
import { Segment } from './segment.ts'
import { writeSnapshot } from './snapshot.ts'
import type { IndexedTransaction, TransactionIndex } from './transaction-index.ts'

export interface LedgerOptions {
  readonly directory: string
  readonly log: Log
  /** A segment larger than this is closed and followed by another. @default 32 MiB */
  readonly segmentBytes?: number
  /** How much of the history is kept. @default 256 MiB */
  readonly historyBytes?: number
  /** History from this checkpoint on is kept whatever it takes. @default none */
  readonly neededFrom?: () => bigint
}

/** The objects as they were when a segment ended. */
interface Boundary {
  readonly checkpoint: bigint
  readonly objects: readonly StoredObject[]
}

/**
 * The objects of the chain and its recent transactions, on disk: a log of commits in segments and snapshots of the
 * objects, from which older segments can be dropped.
 */
export class Ledger {
  readonly objects: ObjectStore
  readonly transactions: TransactionIndex
  readonly #directory: string
  readonly #log: Log
  readonly #segmentBytes: number
  readonly #historyBytes: number
  readonly #neededFrom: () => bigint
  #segment: Segment
  #appended = 0
  #synced = 0
  #syncing: Promise<void> | undefined
  #snapshots: Promise<void> | undefined
  /** What the next snapshot is to hold: the newest segment boundary that has none yet. */
  #boundary: Boundary | undefined
  #failure: Error | undefined

  /** Reads what is there. Throws when the log is damaged before its end. */
  static async open(options: LedgerOptions): Promise<Ledger> {
    mkdirSync(options.directory, { recursive: true, mode: 0o700 })
    return new Ledger(options, await replay(options.directory, options.log))
  }

  private constructor(options: LedgerOptions, replayed: Replayed) {
    this.objects = replayed.objects
    this.transactions = replayed.transactions
    this.#segment = replayed.segment
    this.#directory = options.directory
    this.#log = options.log
    this.#segmentBytes = options.segmentBytes ?? 32 * 1024 * 1024
    this.#historyBytes = options.historyBytes ?? 256 * 1024 * 1024
    this.#neededFrom = options.neededFrom ?? (() => this.transactions.last)
  }

  /** Whether no transaction was ever executed. */
  get isEmpty(): boolean {
    return this.objects.size === 0
  }

  /** Writes a commit into the log and makes it visible here. Durable after `settled`. Throws when the disk refuses. */
  commit(commit: Commit): void {
    if (this.#failure) throw this.#failure
    const bytes = encodeCommit(commit)
    const offset = this.#segment.append(bytes)
    this.#appended++
    applyCommit(this.objects, commit)
    const { checkpoint, timestampMs, digest, facts } = commit
    const place = { segment: this.#segment.path, offset, length: bytes.length }
    this.transactions.add({ checkpoint, timestampMs, digest, facts, ...place })
    if (this.#segment.length >= this.#segmentBytes) this.#rotate()
  }

  /** Resolves when everything that was committed before is durable. Concurrent callers share one fdatasync. */
  async settled(): Promise<void> {
    const wanted = this.#appended
    while (this.#synced < wanted) {
      this.#syncing ??= this.#sync()
      await this.#syncing
    }
  }

  /** The stored answer about a transaction. */
  executed(transaction: IndexedTransaction): Uint8Array {
    return decodeExecuted(this.#read(transaction))
  }

  /** A version of an object, as far as the history still has it. */
  version(id: ObjectId, version: bigint): StoredObject | undefined {
    const current = this.objects.get(id)
    if (current?.version === version) return current
    const writer = this.transactions.writerOf(id, version)
    if (!writer) return undefined
    const { written } = decodeCommit(this.#read(writer))
    return written.find((object) => object.id === id && object.version === version)
  }

  #read({ segment, offset, length }: IndexedTransaction): Uint8Array {
    if (segment === this.#segment.path) return this.#segment.read(offset, length)
    const bytes = Buffer.alloc(length)
    const fd = openSync(segment, 'r')
    try {
      readSync(fd, bytes, 0, length, offset)
    } finally {
      closeSync(fd)
    }
    return bytes
  }

  /** Nothing can be committed afterwards. */
  async close(): Promise<void> {
    if (this.#failure) return
    await this.#snapshots
    await this.settled()
    this.#failure = new Error('the ledger is closed')
    this.#segment.close()
  }

  async #sync(): Promise<void> {
    const reached = this.#appended
    const segment = this.#segment
    try {
      await segment.sync()
      this.#synced = Math.max(this.#synced, reached)
    } catch (error) {
      // After a failed fdatasync nobody knows what the disk holds: no more promises.
      this.#failure = new Error('the log of the chain can no longer be written', { cause: error })
      throw this.#failure
    } finally {
      this.#syncing = undefined
    }
  }

  /** Begins another segment and, behind, a snapshot; then history that is too old goes. */
  #rotate(): void {
    const next = this.transactions.last + 1n
    const full = this.#segment
    try {
      full.syncNow()
      this.#segment = Segment.create(segmentPath(this.#directory, next))
    } catch (error) {
      // The commit is in the log already; the old segment just grows on.
      this.#log.error('no new segment of the log can be begun', { why: String(error) })
      return
    }
    this.#synced = this.#appended
    const close = () => full.close()
    void (this.#syncing ?? Promise.resolve()).then(close, close)
    this.#boundary = { checkpoint: next - 1n, objects: [...this.objects.all()] }
    this.#snapshots ??= this.#writeSnapshots()
  }

  /** Writes snapshots until the newest boundary has one; those that it overtakes are left out. */
  async #writeSnapshots(): Promise<void> {
    while (this.#boundary) {
      const { checkpoint, objects } = this.#boundary
      this.#boundary = undefined
      try {
        await writeSnapshot(snapshotPath(this.#directory, checkpoint), objects)
        this.#dropOld(checkpoint)
      } catch (error) {
        this.#log.error('no snapshot of the chain could be written', { why: String(error) })
      }
    }
    this.#snapshots = undefined
  }

  #dropOld(snapshot: bigint): void {
    for (const file of listFiles(this.#directory, 'snapshot'))
      if (file.checkpoint < snapshot) rmSync(file.path)
    const segments = listFiles(this.#directory, 'log')
    const needed = this.#neededFrom()
    let bytes = segments.reduce((sum, file) => sum + statSync(file.path).size, 0)
    segments.forEach((file, i) => {
      const next = segments[i + 1]
      if (!next || bytes <= this.#historyBytes) return
      if (next.checkpoint > snapshot + 1n || next.checkpoint > needed) return
      bytes -= statSync(file.path).size
      rmSync(file.path)
      this.transactions.dropBefore(next.checkpoint)
    })
  }
}
