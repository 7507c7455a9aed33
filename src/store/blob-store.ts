import type { Transaction } from '@mysten/sui/transactions'
import type { BlobId } from '../terms/blob-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import type { SpareStorage } from './spare-storage.ts'

/** Why a store could not do it, and whether trying again can help. */
export type StoreErrorCode =
  | 'not-found' // no such blob, or expired
  | 'unreachable' // too few nodes answered before the deadline
  | 'corrupt' // what was had does not verify, and nothing else could be had
  | 'no-gas'
  | 'no-wal'
  | 'not-owner' // the key does not own what it should
  | 'blocked' // the network refuses to serve or store this blob
  | 'too-large'
  | 'stale-epoch' // the committee or epoch moved on: load it anew and go on
  | 'lost-answer' // a transaction may or may not have been executed: read the chain before trying again
  | 'rejected' // the chain or a node said no; the message says why

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  /** Trying the same again later can help. */
  readonly retryable: boolean

  constructor(
    code: StoreErrorCode,
    message: string,
    options?: ErrorOptions & { retryable?: boolean },
  ) {
    super(message, options)
    this.code = code
    this.retryable =
      options?.retryable ??
      ['unreachable', 'stale-epoch', 'lost-answer', 'no-gas', 'no-wal'].includes(code)
  }
}

/** A pack's file on the local disk, complete and fsynced. */
export interface PackFile {
  readonly path: string
  readonly bytes: number
}

/** Step 1 of a blob's birth: its id is known. */
export interface EncodedBlob {
  readonly blobId: BlobId
  /** Root over the sliver hashes, as the contract wants it: u256, little-endian bytes. */
  readonly rootHash: Uint8Array
  readonly bytes: number
  /** To be stored until the end of what is paid for, whatever its owner wants later. @default false */
  readonly permanent?: boolean
}

/** A blob that may be paid for. */
export type QuotedBlob = Pick<EncodedBlob, 'bytes' | 'permanent'> &
  Partial<Pick<EncodedBlob, 'blobId'>>

/** Step 2: paid for and owned. Plain data, kept in the journal. */
export interface RegisteredBlob extends EncodedBlob {
  readonly objectId: ObjectId
  readonly deletable: boolean
  /** First epoch in which it is no longer stored. */
  readonly endEpoch: number
}

/** Step 3: a quorum of nodes holds it and has signed so. Plain data, kept in the journal. */
export interface UploadedBlob extends RegisteredBlob {
  /** Epoch of the signatures; a certificate of another epoch is no longer accepted. */
  readonly epoch: number
  readonly certificate: {
    /** Indices in the committee of `epoch`. */
    readonly signers: readonly number[]
    readonly serializedMessage: Uint8Array
    readonly signature: Uint8Array
  }
}

/** Adds commands to a transaction; the in-memory store and manifest run `apply` instead. */
export interface TransactionPart {
  addTo(transaction: Transaction): void | Promise<void>
  apply?(): void
}

export interface UploadProgress {
  /** Bytes of slivers sent, of all that are to be sent. */
  (sent: number, total: number): void
}

export interface StoreLimits {
  readonly shards: number
  /** The largest blob in bytes (unencoded). */
  readonly maxBlobBytes: number
  readonly maxEpochsAhead: number
}

/** What the chain says of Walrus now. */
export interface StorePrices {
  readonly epoch: number
  /** Milliseconds. */
  readonly epochDurationMs: number
  /** FROST (1e-9 WAL) per MiB of encoded bytes: per epoch stored, and once when written. */
  readonly storagePrice: bigint
  readonly writePrice: bigint
}

/** What the account can pay with. */
export interface StoreBalances {
  readonly address: ObjectId
  /** MIST (1e-9 SUI), for gas. */
  readonly sui: bigint
  /** FROST (1e-9 WAL), for storage. */
  readonly wal: bigint
}

/** A node as `status` shows it. */
export interface NodeHealth {
  readonly name: string
  readonly url: string
  readonly shards: number
  readonly state: 'ok' | 'slow' | 'down' | 'lying'
  readonly requests: number
  readonly failures: number
  readonly medianMs: number | undefined
  readonly lastError: string | undefined
  /** Answers that did not verify; counted as failures, too. */
  readonly lies: number
}

/** Rows that reads have asked the network for, by how they came. */
export interface RowCounts {
  /** From the node that holds the row. */
  readonly fetched: number
  /** From the symbols of other nodes. */
  readonly rebuilt: number
  /** By decoding the whole blob. */
  readonly decoded: number
}

/**
 * Blobs on Walrus. `WalrusStore` talks to the network, `MemoryStore` is for tests; both pass the suite in
 * test/store/blob-store-suite.ts. Errors are {@link StoreError}; an abort rejects with the signal's reason.
 */
export interface BlobStore {
  limits(signal: AbortSignal): Promise<StoreLimits>
  prices(signal: AbortSignal): Promise<StorePrices>
  balances(signal: AbortSignal): Promise<StoreBalances>

  /**
   * Bytes [offset, offset + length) of a blob, checked against the blob id. Fetches only the rows that hold them;
   * a node that is down, slow or lying is gone around. Clipped at the blob's end.
   */
  read(blob: BlobId, offset: number, length: number, signal: AbortSignal): Promise<Uint8Array>
  /**
   * A column of the blob's matrix (`codeParameters`), checked against the blob id: its symbols one below the other, padded with
   * zeros behind the blob's end. Where a blob's bytes were laid out in columns, as a quilt's are, that is a range of them.
   * Throws a RangeError for a column that the matrix does not have.
   */
  column(blob: BlobId, column: number, signal: AbortSignal): Promise<Uint8Array>
  /** A blob's length in bytes. */
  size(blob: BlobId, signal: AbortSignal): Promise<number>
  /** Whether the network serves a blob now; it is asked, whatever is known here already. */
  isStored(blob: BlobId, signal: AbortSignal): Promise<boolean>

  encode(pack: PackFile, signal: AbortSignal): Promise<EncodedBlob>
  /**
   * FROST that `register` would take for each of these now: nothing for what the account owns already, once for what is in it twice. Without
   * an id only the size counts. Throws `not-owner` without a key.
   */
  quote(blobs: readonly QuotedBlob[], epochs: number, signal: AbortSignal): Promise<bigint[]>
  /**
   * Buys storage and registers the blobs, as few transactions as hold them. What is spare is taken before any is bought
   * (`planPurchases`). Blob objects of these ids that the account
   * already owns (certified or not) and that last for at least half of `epochs` are taken instead of paid for again.
   */
  register(
    blobs: readonly EncodedBlob[],
    epochs: number,
    signal: AbortSignal,
  ): Promise<RegisteredBlob[]>
  /**
   * Sends metadata and slivers to the nodes and returns at quorum; the remaining nodes are served behind (`settle`
   * waits for them). May be repeated: nodes that have everything only sign again.
   */
  upload(
    blob: RegisteredBlob,
    pack: PackFile,
    progress: UploadProgress,
    signal: AbortSignal,
  ): Promise<UploadedBlob>
  /**
   * The commands that certify a blob, to go into the transaction that moves the manifest; none where the chain says
   * that it is certified. Adding them throws `stale-epoch` when the certificate is of another epoch: upload again.
   */
  certify(blob: UploadedBlob): TransactionPart
  /** Waits for uploads that go on behind a quorum, or for the signal. */
  settle(signal: AbortSignal): Promise<void>

  /** Storage that the account has paid for, has not ended, and no blob uses. Throws `not-owner` without a key. */
  spare(signal: AbortSignal): Promise<SpareStorage[]>
  /** Blob objects of the account that have not ended, by what the chain says now. */
  owned(signal: AbortSignal): Promise<OwnedBlob[]>
  /**
   * Blob objects as the chain shows them now, whoever owns them and whether they have ended or not, in the order of the
   * ids; undefined where there is none (any more). Needs no key.
   */
  objects(ids: readonly ObjectId[], signal: AbortSignal): Promise<(BlobObject | undefined)[]>
  /**
   * Extends the storage of blobs by epochs, counted from their `endEpoch` as given: what was extended since then (by a
   * transaction whose answer was lost, by another machine) is not paid for again. Commands for a transaction.
   */
  extend(blobs: readonly OwnedBlob[], epochs: number): TransactionPart
  /** Deletes blob objects: commands for a transaction. */
  remove(blobs: readonly OwnedBlob[]): TransactionPart
  /** Runs commands in a transaction of their own: all or none. Resolves with its digest. */
  execute(parts: readonly TransactionPart[], signal: AbortSignal): Promise<string>

  health(): readonly NodeHealth[]
  /** Since the start. */
  rows(): RowCounts
  close(): Promise<void>
}

export interface OwnedBlob {
  readonly blobId: BlobId
  readonly objectId: ObjectId
  readonly bytes: number
  /** Epoch in which its storage was bought. */
  readonly registeredEpoch: number
  readonly certified: boolean
  readonly deletable: boolean
  readonly endEpoch: number
}

/** A blob object of anybody. */
export interface BlobObject extends OwnedBlob {
  /** The account owns it, so it can extend and delete it. */
  readonly ours: boolean
}
