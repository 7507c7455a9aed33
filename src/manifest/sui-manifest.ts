import type { Transaction } from '@mysten/sui/transactions'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { TransactionPart } from '../store/blob-store.ts'
import { addParts } from '../store/chain/add-parts.ts'
import type { Compose, Executed, SignerQueue } from '../store/chain/signer-queue.ts'
import type { SuiAccount } from '../store/chain/sui-account.ts'
import { blobIdToU256 } from '../terms/blob-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { hashToU256, leaseEnd, parseManifest } from './layouts.ts'
import { manifestSchema, maxLeaseMs, maxRecordBytes } from './limits.ts'
import { ManifestError } from './manifest.ts'
import type { Manifest, ManifestRoot, ManifestState, Moved, StoredSlots } from './manifest.ts'
import { manifestFailure } from './manifest-failure.ts'
import { madeIn, type Done } from './made-change.ts'
import { pastRoots, pastStates } from './manifest-history.ts'
import type { PastRoot } from './manifest-history.ts'
import { watchManifest } from './manifest-watch.ts'
import { readObject } from './object-source.ts'
import { sameRoot } from './same-root.ts'
import { readSlots } from './slot-field.ts'
import { rollbackText, Sightings, type Rollback, type Seen } from './sightings.ts'

export interface SuiManifestOptions {
  readonly account: SuiAccount
  readonly id: ObjectId
  /** The Move package to call. */
  readonly packageId: ObjectId
  /** Undefined: read-only. */
  readonly writer: ObjectId | undefined
  readonly clock: Clock
  readonly log: Log
  /** Between two looks where the full node does not tell of changes, milliseconds. */
  readonly pollMs: number
  /** The highest sequence number seen. @default kept as long as this object is */
  readonly seen?: Seen | undefined
}

const staleTries = 4
const staleDelayMs = 300

/** The manifest as an object on Sui. `openManifest` makes one. */
export class SuiManifest implements Manifest {
  readonly id: ObjectId
  readonly writer: ObjectId | undefined
  readonly #options: SuiManifestOptions
  readonly #sightings: Sightings

  constructor(options: SuiManifestOptions) {
    this.id = options.id
    this.writer = options.writer
    this.#options = options
    const { seen = new Remembered(), clock, log } = options
    this.#sightings = new Sightings(seen, clock, log)
  }

  get drive(): ObjectId {
    return this.id
  }

  get rollback(): Rollback | undefined {
    return this.#sightings.rollback
  }

  /** The full node shows an older state than was seen. */
  get isBehind(): boolean {
    return this.#sightings.isBehind
  }

  async load(signal: AbortSignal): Promise<ManifestState> {
    const { account, clock, log } = this.#options
    for (let tried = 1; ; tried++) {
      const { content, previousTransaction } = await readObject(account, this.id, signal)
      const state = parseManifest(content, previousTransaction)
      if (state.schema !== manifestSchema) {
        const text = `the manifest has schema ${state.schema}, this program knows ${manifestSchema}`
        throw new ManifestError('wrong-schema', text)
      }
      if (this.#sightings.shown(state.sequence)) return state
      if (tried >= staleTries) {
        const text = rollbackText(state.sequence, this.#sightings.highest)
        log.warn(text, { manifest: this.id })
        throw new ManifestError('unreachable', text)
      }
      await clock.sleep(staleDelayMs * tried, signal)
    }
  }

  slots(signal: AbortSignal): Promise<StoredSlots | undefined> {
    const { account, packageId } = this.#options
    return readSlots(account, packageId, this.id, signal)
  }

  watch(
    signal: AbortSignal,
    trouble: (error: Error | undefined) => void = () => {},
  ): AsyncIterable<ManifestState> {
    const { account, clock, log, pollMs } = this.#options
    const { client } = account
    const load = (): Promise<ManifestState> => this.load(signal)
    return watchManifest({ client, id: this.id, load, trouble, clock, log, pollMs }, signal)
  }

  async commit(
    expected: bigint,
    root: ManifestRoot,
    parts: readonly TransactionPart[],
    signal: AbortSignal,
  ): Promise<Moved> {
    const compose: Compose = async (transaction) => {
      this.#call(transaction, 'assert_seq', [transaction.pure.u64(expected)])
      await addParts(transaction, parts)
      const made = this.#newRoot(transaction, root)
      const sequence = transaction.pure.u64(expected)
      this.#callAsWriter(transaction, 'commit', [sequence, made])
    }
    const done: Done = (state) => state.rootSequence === expected + 1n && sameRoot(state.root, root)
    return this.#change(expected + 1n, compose, done, signal)
  }

  async append(expected: bigint, record: Uint8Array, signal: AbortSignal): Promise<Moved> {
    if (record.length === 0 || record.length > maxRecordBytes) {
      throw new ManifestError('rejected', `a record of ${record.length} bytes`)
    }
    const compose: Compose = (transaction) => {
      const { pure } = transaction
      const bytes = pure.vector('u8', record)
      this.#callAsWriter(transaction, 'append', [pure.u64(expected), bytes])
    }
    const done: Done = ({ inline, rootSequence }) => {
      const there = inline[Number(expected - rootSequence)]
      return there !== undefined && Buffer.compare(there, record) === 0
    }
    return this.#change(expected + 1n, compose, done, signal)
  }

  async renew(
    expected: bigint,
    endEpoch: number,
    parts: readonly TransactionPart[],
    signal: AbortSignal,
  ): Promise<Moved> {
    const done: Done = ({ sequence, root }) =>
      sequence === expected && root !== undefined && root.endEpoch >= endEpoch
    // Looked at first: the parts cost money.
    const { sequence, previousTransaction, ...state } = await this.load(signal)
    if (done({ sequence, previousTransaction, ...state })) {
      return { sequence, digest: previousTransaction }
    }
    const compose: Compose = async (transaction) => {
      this.#call(transaction, 'assert_seq', [transaction.pure.u64(expected)])
      await addParts(transaction, parts)
      const { pure } = transaction
      this.#callAsWriter(transaction, 'renew', [pure.u64(expected), pure.u32(endEpoch)])
    }
    return this.#change(expected, compose, done, signal)
  }

  unmoved(expected: bigint): TransactionPart {
    return {
      addTo: (transaction) =>
        this.#call(transaction, 'assert_seq', [transaction.pure.u64(expected)]),
    }
  }

  async lease(durationMs: number, signal: AbortSignal): Promise<number> {
    if (!(durationMs > 0 && durationMs <= maxLeaseMs)) {
      throw new ManifestError('rejected', `a lease of ${durationMs} ms`)
    }
    const { events } = await this.#run((transaction) => {
      const duration = transaction.pure.u64(Math.ceil(durationMs))
      this.#callAsWriter(transaction, 'lease', [duration, transaction.object.clock()])
    }, signal)
    return leaseEnd(events)
  }

  async release(signal: AbortSignal): Promise<void> {
    const { lease } = await this.load(signal)
    if (lease?.writer !== this.writer) return
    await this.#run((transaction) => this.#callAsWriter(transaction, 'release', []), signal)
  }

  past(signal: AbortSignal): AsyncIterable<ManifestState> {
    return pastStates(this.#options.account, this.id, signal)
  }

  history(limit: number, signal: AbortSignal): Promise<readonly PastRoot[]> {
    return pastRoots(this.#options.account, this.id, limit, signal)
  }

  /** Makes a change, or finds it made: its answer may have been lost, now or before a restart. */
  async #change(
    sequence: bigint,
    compose: Compose,
    done: Done,
    signal: AbortSignal,
  ): Promise<Moved> {
    try {
      const { digest } = await this.#run(compose, signal)
      this.#sightings.made(sequence)
      return { sequence, digest }
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof ManifestError && error.code === 'read-only') throw error
      const made = await this.#made(sequence, done, signal).catch((unknown: unknown) => {
        signal.throwIfAborted()
        // Whether it was ours that came first cannot be told now: taken for another's it would be merged with what was done since.
        throw error instanceof ManifestError && error.code === 'conflict' ? unknown : error
      })
      if (!made) throw error
      return { sequence, digest: made.previousTransaction }
    }
  }

  async #made(
    sequence: bigint,
    done: Done,
    signal: AbortSignal,
  ): Promise<ManifestState | undefined> {
    return madeIn(await this.load(signal), sequence, done, this.past(signal))
  }

  async #run(compose: Compose, signal: AbortSignal): Promise<Executed> {
    signal.throwIfAborted()
    const queue = this.#queue()
    try {
      return await queue.run(compose, signal)
    } catch (error) {
      signal.throwIfAborted()
      throw manifestFailure(error)
    }
  }

  #queue(): SignerQueue {
    const { queue } = this.#options.account
    if (queue && this.writer !== undefined) return queue
    throw new ManifestError('read-only', `this account is no writer of ${this.id}`)
  }

  #newRoot(transaction: Transaction, root: ManifestRoot): ReturnType<Transaction['moveCall']> {
    const { pure } = transaction
    return transaction.moveCall({
      target: `${this.#options.packageId}::manifest::new_root`,
      arguments: [
        pure.u16(root.format),
        pure.u256(blobIdToU256(root.blob)),
        pure.u64(root.offset),
        pure.u64(root.length),
        pure.u256(hashToU256(root.hash)),
        pure.u64(root.usedBytes),
        pure.u64(root.usedInodes),
        pure.u32(root.endEpoch),
      ],
    })
  }

  #callAsWriter(transaction: Transaction, name: string, rest: CallArguments): void {
    this.#call(transaction, name, [transaction.object(this.writer!), ...rest])
  }

  #call(transaction: Transaction, name: string, rest: CallArguments): void {
    transaction.moveCall({
      target: `${this.#options.packageId}::manifest::${name}`,
      arguments: [transaction.object(this.id), ...rest],
    })
  }
}

type CallArguments = NonNullable<Parameters<Transaction['moveCall']>[0]['arguments']>

/** Forgotten with the process. */
class Remembered implements Seen {
  sequence = -1n

  saw(sequence: bigint): void {
    this.sequence = sequence
  }
}
