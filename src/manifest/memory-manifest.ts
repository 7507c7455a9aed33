import { systemClock } from '../runtime/clock.ts'
import type { Clock } from '../runtime/clock.ts'
import type { TransactionPart } from '../store/blob-store.ts'
import { StoreError } from '../store/blob-store.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { maxInlineBytes, maxInlineRecords, maxLeaseMs, maxRecordBytes } from './limits.ts'
import { madeIn, type Done } from './made-change.ts'
import { ManifestError } from './manifest.ts'
import type { Manifest, ManifestRoot, ManifestState, Moved, StoredSlots } from './manifest.ts'
import type { MemoryDrive, PastRoot } from './memory-drive.ts'
import { isNews } from './news.ts'
import { sameRoot } from './same-root.ts'

export interface MemoryManifestOptions {
  readonly drive: MemoryDrive
  /** Pays for the transactions. */
  readonly account: ObjectId
  /** Undefined: read-only. */
  readonly writer: ObjectId | undefined
  /** @default systemClock */
  readonly clock?: Clock
}

/** A manifest without a chain, for tests: same rules, same errors. */
export class MemoryManifest implements Manifest {
  readonly id: ObjectId
  readonly writer: ObjectId | undefined
  readonly #drive: MemoryDrive
  readonly #account: ObjectId
  readonly #clock: Clock

  constructor(options: MemoryManifestOptions) {
    this.id = options.drive.id
    this.writer = options.writer
    this.#drive = options.drive
    this.#account = options.account
    this.#clock = options.clock ?? systemClock
  }

  get drive(): ObjectId {
    return this.id
  }

  async slots(signal: AbortSignal): Promise<StoredSlots | undefined> {
    signal.throwIfAborted()
    return this.#drive.slots
  }

  async load(signal: AbortSignal): Promise<ManifestState> {
    signal.throwIfAborted()
    return this.#drive.state
  }

  async *watch(signal: AbortSignal): AsyncGenerator<ManifestState, void, void> {
    let seen: ManifestState | undefined
    while (!signal.aborted) {
      const { state } = this.#drive
      if (seen && !isNews(state, seen)) {
        await this.#drive.moved(signal)
        continue
      }
      seen = state
      yield state
    }
  }

  async commit(
    expected: bigint,
    root: ManifestRoot,
    parts: readonly TransactionPart[],
    signal: AbortSignal,
  ): Promise<Moved> {
    signal.throwIfAborted()
    const made = await this.#made(expected + 1n, (state) => {
      return state.rootSequence === expected + 1n && sameRoot(state.root, root)
    })
    if (made) return made
    const writer = this.#checkWriter()
    const sequence = expected + 1n
    const digest = this.#transact(parts, () => {
      this.#checkUnsealed()
      this.#checkSequence(expected)
    })
    const change = { sequence, rootSequence: sequence, root, inline: [] }
    this.#drive.change({ ...change, lastWriter: writer, previousTransaction: digest })
    this.#drive.past.push({ sequence, root, timeMs: this.#clock.now(), digest })
    return { sequence, digest }
  }

  async append(expected: bigint, record: Uint8Array, signal: AbortSignal): Promise<Moved> {
    signal.throwIfAborted()
    const { inline } = this.#drive.state
    const made = await this.#made(expected + 1n, (state) => {
      const there = state.inline[Number(expected - state.rootSequence)]
      return there !== undefined && Buffer.compare(there, record) === 0
    })
    if (made) return made
    const writer = this.#checkWriter()
    const digest = this.#transact([], () => {
      this.#checkUnsealed()
      this.#checkSequence(expected)
      checkRoom(inline, record)
    })
    const change = { sequence: expected + 1n, inline: [...inline, record.slice()] }
    this.#drive.change({ ...change, lastWriter: writer, previousTransaction: digest })
    return { sequence: expected + 1n, digest }
  }

  async renew(
    expected: bigint,
    endEpoch: number,
    parts: readonly TransactionPart[],
    signal: AbortSignal,
  ): Promise<Moved> {
    signal.throwIfAborted()
    this.#checkWriter()
    this.#checkSequence(expected)
    const { root, previousTransaction } = this.#drive.state
    if (!root) throw new ManifestError('rejected', 'there is no tree to renew')
    if (root.endEpoch >= endEpoch) return { sequence: expected, digest: previousTransaction }
    const digest = this.#transact(parts, () => {})
    this.#drive.change({ root: { ...root, endEpoch }, previousTransaction: digest })
    return { sequence: expected, digest }
  }

  unmoved(expected: bigint): TransactionPart {
    const addTo = (): never => {
      throw new StoreError('rejected', 'an in-memory manifest has no commands for Sui')
    }
    return {
      addTo,
      apply: () => {
        if (this.#drive.state.sequence === expected) return
        throw new StoreError('rejected', `the manifest is not at ${expected}`)
      },
    }
  }

  async lease(durationMs: number, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted()
    const writer = this.#checkWriter()
    if (!(durationMs > 0 && durationMs <= maxLeaseMs)) {
      throw new ManifestError('rejected', `a lease of ${durationMs} ms`)
    }
    const now = this.#clock.now()
    const digest = this.#transact([], () => {
      this.#checkUnsealed()
      const { lease } = this.#drive.state
      if (lease && lease.writer !== writer && lease.untilMs > now) {
        throw new ManifestError('leased', `${lease.writer} has it until ${lease.untilMs}`)
      }
    })
    const lease = { writer, untilMs: now + durationMs }
    this.#drive.change({ lease, previousTransaction: digest })
    return lease.untilMs
  }

  async release(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const writer = this.#checkWriter()
    if (this.#drive.state.lease?.writer !== writer) return
    const digest = this.#transact([], () => {})
    this.#drive.change({ lease: undefined, previousTransaction: digest })
  }

  async *past(signal: AbortSignal): AsyncGenerator<ManifestState, void, void> {
    signal.throwIfAborted()
    yield* this.#drive.states.toReversed()
  }

  async history(limit: number, signal: AbortSignal): Promise<readonly PastRoot[]> {
    signal.throwIfAborted()
    return this.#drive.past.toReversed().slice(0, limit)
  }

  async #made(sequence: bigint, done: Done): Promise<Moved | undefined> {
    const past = this.past(new AbortController().signal)
    const made = await madeIn(this.#drive.state, sequence, done, past)
    return made && { sequence, digest: made.previousTransaction }
  }

  #checkWriter(): ObjectId {
    const { writer } = this
    if (writer === undefined || !this.#drive.state.writers.includes(writer)) {
      throw new ManifestError('read-only', `${writer ?? 'nobody'} is no writer of ${this.id}`)
    }
    return writer
  }

  #checkUnsealed(): void {
    if (this.#drive.state.sealed) throw new ManifestError('read-only', 'the drive is sealed')
  }

  #checkSequence(expected: bigint): void {
    const { sequence } = this.#drive.state
    if (sequence === expected) return
    throw new ManifestError('conflict', `the manifest is at ${sequence}, not at ${expected}`)
  }

  #transact(parts: readonly TransactionPart[], check: () => void): string {
    try {
      return this.#drive.network.transact(this.#account, () => {
        check()
        for (const part of parts) part.apply?.()
      })
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      const { code, message } = error
      if (code !== 'no-gas' && code !== 'no-wal') throw error
      throw new ManifestError(code, message, { cause: error })
    }
  }
}

function checkRoom(inline: readonly Uint8Array[], record: Uint8Array): void {
  if (record.length === 0 || record.length > maxRecordBytes) {
    throw new ManifestError('rejected', `a record of ${record.length} bytes`)
  }
  const bytes = inline.reduce((sum, one) => sum + one.length, record.length)
  if (bytes > maxInlineBytes || inline.length >= maxInlineRecords) {
    throw new ManifestError('inline-full', `${inline.length} records, ${bytes} bytes`)
  }
}
