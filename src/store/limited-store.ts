import PQueue from 'p-queue'
import type { BlobId } from '../terms/blob-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import type {
  BlobObject,
  BlobStore,
  EncodedBlob,
  NodeHealth,
  OwnedBlob,
  PackFile,
  QuotedBlob,
  RegisteredBlob,
  RowCounts,
  StoreBalances,
  StoreLimits,
  StorePrices,
  TransactionPart,
  UploadedBlob,
  UploadProgress,
} from './blob-store.ts'
import type { SpareStorage } from './spare-storage.ts'

/** How much may run at a time. */
export interface StoreConcurrency {
  readonly reads: number
  readonly encodes: number
  readonly uploads: number
}

interface Queues {
  readonly reads: PQueue
  readonly encodes: PQueue
  readonly uploads: PQueue
}

/** Somebody waits for it; nobody waits yet; whenever there is time. */
export const StorePriority = { wanted: 2, ahead: 1, background: 0 } as const
export type StorePriority = (typeof StorePriority)[keyof typeof StorePriority]

/** A store that runs so many reads, encodings and uploads at a time, and the more urgent ones first. */
export class LimitedStore implements BlobStore {
  readonly #inner: BlobStore
  readonly #queues: Queues
  readonly #priority: StorePriority

  constructor(
    inner: BlobStore,
    limits: StoreConcurrency | Queues,
    priority: StorePriority = StorePriority.wanted,
  ) {
    this.#inner = inner
    this.#queues = {
      reads: queueOf(limits.reads),
      encodes: queueOf(limits.encodes),
      uploads: queueOf(limits.uploads),
    }
    this.#priority = priority
  }

  /** The same store with the same limits, its work queued at another priority. */
  at(priority: StorePriority): LimitedStore {
    return new LimitedStore(this.#inner, this.#queues, priority)
  }

  limits(signal: AbortSignal): Promise<StoreLimits> {
    return this.#inner.limits(signal)
  }

  prices(signal: AbortSignal): Promise<StorePrices> {
    return this.#inner.prices(signal)
  }

  balances(signal: AbortSignal): Promise<StoreBalances> {
    return this.#inner.balances(signal)
  }

  read(blob: BlobId, offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    const work = () => this.#inner.read(blob, offset, length, signal)
    return this.#run('reads', work, signal)
  }

  column(blob: BlobId, column: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.#run('reads', () => this.#inner.column(blob, column, signal), signal)
  }

  size(blob: BlobId, signal: AbortSignal): Promise<number> {
    return this.#run('reads', () => this.#inner.size(blob, signal), signal)
  }

  isStored(blob: BlobId, signal: AbortSignal): Promise<boolean> {
    return this.#run('reads', () => this.#inner.isStored(blob, signal), signal)
  }

  encode(pack: PackFile, signal: AbortSignal): Promise<EncodedBlob> {
    return this.#run('encodes', () => this.#inner.encode(pack, signal), signal)
  }

  quote(blobs: readonly QuotedBlob[], epochs: number, signal: AbortSignal): Promise<bigint[]> {
    return this.#inner.quote(blobs, epochs, signal)
  }

  register(
    blobs: readonly EncodedBlob[],
    epochs: number,
    signal: AbortSignal,
  ): Promise<RegisteredBlob[]> {
    return this.#inner.register(blobs, epochs, signal)
  }

  upload(
    blob: RegisteredBlob,
    pack: PackFile,
    progress: UploadProgress,
    signal: AbortSignal,
  ): Promise<UploadedBlob> {
    const work = () => this.#inner.upload(blob, pack, progress, signal)
    return this.#run('uploads', work, signal)
  }

  certify(blob: UploadedBlob): TransactionPart {
    return this.#inner.certify(blob)
  }

  settle(signal: AbortSignal): Promise<void> {
    return this.#inner.settle(signal)
  }

  spare(signal: AbortSignal): Promise<SpareStorage[]> {
    return this.#inner.spare(signal)
  }

  owned(signal: AbortSignal): Promise<OwnedBlob[]> {
    return this.#inner.owned(signal)
  }

  objects(ids: readonly ObjectId[], signal: AbortSignal): Promise<(BlobObject | undefined)[]> {
    return this.#inner.objects(ids, signal)
  }

  extend(blobs: readonly OwnedBlob[], epochs: number): TransactionPart {
    return this.#inner.extend(blobs, epochs)
  }

  remove(blobs: readonly OwnedBlob[]): TransactionPart {
    return this.#inner.remove(blobs)
  }

  execute(parts: readonly TransactionPart[], signal: AbortSignal): Promise<string> {
    return this.#inner.execute(parts, signal)
  }

  health(): readonly NodeHealth[] {
    return this.#inner.health()
  }

  rows(): RowCounts {
    return this.#inner.rows()
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  #run<T>(queue: keyof Queues, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#queues[queue].add(work, { priority: this.#priority, signal })
  }
}

function queueOf(limit: number | PQueue): PQueue {
  return typeof limit === 'number' ? new PQueue({ concurrency: limit }) : limit
}
