import type { ObjectId } from '../terms/object-id.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { PieceHash } from '../terms/piece-hash.ts'
import type { Rollback } from './sightings.ts'
import type { TransactionPart } from '../store/blob-store.ts'

/** Where the manifest says that the root record lies. */
export interface ManifestRoot {
  readonly format: number
  readonly blob: BlobId
  readonly offset: number
  /** Stored bytes of the root record. */
  readonly length: number
  readonly hash: PieceHash
  readonly usedBytes: number
  readonly usedInodes: number
  /** First epoch in which some blob of this tree is no longer stored. */
  readonly endEpoch: number
}

/** The manifest object as read at one moment. */
export interface ManifestState {
  readonly id: ObjectId
  readonly schema: number
  readonly sequence: bigint
  readonly rootSequence: bigint
  readonly sealed: boolean
  /** Undefined for a drive that has no tree yet. */
  readonly root: ManifestRoot | undefined
  /** Small changes since the root, oldest first. */
  readonly inline: readonly Uint8Array[]
  /** Writer capability that made the last change. */
  readonly lastWriter: ObjectId
  readonly writers: readonly ObjectId[]
  /** Who asked the others to wait, until when (milliseconds since 1970, by the chain's clock); it may be over. */
  readonly lease: { readonly writer: ObjectId; readonly untilMs: number } | undefined
  readonly name: string
  /** Of a snapshot: the manifest that it was taken of. */
  readonly frozenFrom?: ObjectId
  /** Digest of the transaction that last changed it: tells whether a lost answer was ours. */
  readonly previousTransaction: string
}

export type ManifestErrorCode =
  | 'conflict' // someone else moved it: load, rebase, try again
  | 'not-found'
  | 'read-only' // no capability, revoked, or sealed
  | 'wrong-schema'
  | 'inline-full'
  | 'leased' // another writer holds the lease
  | 'no-gas'
  | 'no-wal'
  | 'unreachable'
  | 'rolled-back' // the full node shows an older state than was seen, and keeps doing so
  | 'lost-answer' // may have been executed: load and compare before trying again
  | 'rejected'

export class ManifestError extends Error {
  override readonly name = 'ManifestError'
  readonly code: ManifestErrorCode
  readonly retryable: boolean

  constructor(code: ManifestErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.retryable =
      code === 'unreachable' || code === 'lost-answer' || code === 'no-gas' || code === 'no-wal'
  }
}

/** The key slots of a sealed drive as the chain has them; `crypto/key-slots.ts` reads the bytes. */
export interface StoredSlots {
  /** Grows by one with each change. */
  readonly revision: bigint
  readonly bytes: Uint8Array
}

/** The result of a commit or an append. */
export interface Moved {
  readonly sequence: bigint
  /** Transaction digest, for people. */
  readonly digest: string
}

/**
 * The object on Sui that names the drive's current snapshot. `SuiManifest` and `MemoryManifest` pass the suite in
 * test/manifest/manifest-suite.ts. Errors are {@link ManifestError}, or a StoreError where the commands of one of the
 * `parts` are refused (`stale-epoch`, `not-owner`, …); an abort rejects with the signal's reason.
 *
 * A change that was executed although its answer got lost is recognised, even if others have made theirs since: made again with
 * the same arguments it resolves with the sequence number that it led to, and nothing is done twice.
 */
export interface Manifest {
  readonly id: ObjectId
  /** The manifest itself; of a snapshot, the one that it was taken of. */
  readonly drive: ObjectId
  /** Bytes that each record takes beside its own. @default 0 */
  readonly recordOverhead?: number
  /** The capability that changes go through; undefined when there is none: then every change is `read-only`. */
  readonly writer: ObjectId | undefined
  /** What a full node shows that is older than what was seen; undefined when all is well. */
  readonly rollback?: Rollback | undefined
  load(signal: AbortSignal): Promise<ManifestState>
  /** The ways to the key of a sealed drive; undefined for one that is not sealed. */
  slots(signal: AbortSignal): Promise<StoredSlots | undefined>
  /**
   * Yields the present state, then one whenever the sequence has moved past the one yielded last, or the lease is another,
   * (by our own changes, too: compare with what is known), until the signal aborts (then it ends). Unreachable nodes are waited for, not
   * thrown; what cannot mend itself (`not-found`, `wrong-schema`) is thrown. `trouble` is told why the manifest cannot be
   * read, and undefined when it can.
   */
  watch(
    signal: AbortSignal,
    trouble?: (error: Error | undefined) => void,
  ): AsyncIterable<ManifestState>
  /** Compare-and-swap on the sequence number, together with other commands (certifications) in one transaction. */
  commit(
    expected: bigint,
    root: ManifestRoot,
    parts: readonly TransactionPart[],
    signal: AbortSignal,
  ): Promise<Moved>
  /** Adds one small record to the inline journal, likewise. */
  append(expected: bigint, record: Uint8Array, signal: AbortSignal): Promise<Moved>
  /**
   * Says that the blobs of the current tree were extended, together with the commands that do it. The sequence number
   * stays. Resolves without doing anything when the tree already lasts that long.
   */
  renew(
    expected: bigint,
    endEpoch: number,
    parts: readonly TransactionPart[],
    signal: AbortSignal,
  ): Promise<Moved>
  /** Commands that make a transaction fail as a whole (`rejected`) unless the manifest is still at that sequence number. */
  unmoved(expected: bigint): TransactionPart
  /**
   * Asks other writers to wait for so long (at most an hour); again by the same writer: prolongs. `leased` if another has it.
   * Resolves with its end, milliseconds since 1970 by the chain's clock.
   */
  lease(durationMs: number, signal: AbortSignal): Promise<number>
  /** Ends the lease, if it is ours. */
  release(signal: AbortSignal): Promise<void>
  /**
   * The states before the present one, newest first, as far as the full node remembers them. Several may have one sequence
   * number: renewals and leases leave it.
   */
  past(signal: AbortSignal): AsyncIterable<ManifestState>
  /** Roots of earlier commits as far as the full node remembers them, newest first. */
  history(
    limit: number,
    signal: AbortSignal,
  ): Promise<
    readonly {
      readonly sequence: bigint
      readonly root: ManifestRoot
      readonly timeMs: number
      readonly digest: string
    }[]
  >
}
