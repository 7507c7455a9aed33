import { retry } from '../runtime/retry.ts'
import type { RetryPolicy } from '../runtime/retry.ts'
import { systemClock } from '../runtime/clock.ts'
import type { Clock } from '../runtime/clock.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { StoreError } from './blob-store.ts'
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
  StoreErrorCode,
  StoreLimits,
  StorePrices,
  TransactionPart,
  UploadedBlob,
  UploadProgress,
} from './blob-store.ts'
import type { SpareStorage } from './spare-storage.ts'

/** What may be asked again: nothing was done, or doing it again does nothing more. */
const repeatable: readonly StoreErrorCode[] = ['unreachable', 'stale-epoch', 'lost-answer']
/** For transactions of foreign commands: certainly not carried out. */
const undone: readonly StoreErrorCode[] = ['unreachable']

/** A store that tries again where that can help, until the policy or the caller's signal ends it. */
export class RetryingStore implements BlobStore {
  readonly #inner: BlobStore
  readonly #policy: RetryPolicy
  readonly #clock: Clock

  constructor(inner: BlobStore, policy: RetryPolicy, clock: Clock = systemClock) {
    this.#inner = inner
    this.#policy = policy
    this.#clock = clock
  }

  limits(signal: AbortSignal): Promise<StoreLimits> {
    return this.#retry(() => this.#inner.limits(signal), signal)
  }

  prices(signal: AbortSignal): Promise<StorePrices> {
    return this.#retry(() => this.#inner.prices(signal), signal)
  }

  balances(signal: AbortSignal): Promise<StoreBalances> {
    return this.#retry(() => this.#inner.balances(signal), signal)
  }

  read(blob: BlobId, offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.#retry(() => this.#inner.read(blob, offset, length, signal), signal)
  }

  column(blob: BlobId, column: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.#retry(() => this.#inner.column(blob, column, signal), signal)
  }

  size(blob: BlobId, signal: AbortSignal): Promise<number> {
    return this.#retry(() => this.#inner.size(blob, signal), signal)
  }

  isStored(blob: BlobId, signal: AbortSignal): Promise<boolean> {
    return this.#retry(() => this.#inner.isStored(blob, signal), signal)
  }

  encode(pack: PackFile, signal: AbortSignal): Promise<EncodedBlob> {
    return this.#retry(() => this.#inner.encode(pack, signal), signal)
  }

  quote(blobs: readonly QuotedBlob[], epochs: number, signal: AbortSignal): Promise<bigint[]> {
    return this.#retry(() => this.#inner.quote(blobs, epochs, signal), signal)
  }

  register(
    blobs: readonly EncodedBlob[],
    epochs: number,
    signal: AbortSignal,
  ): Promise<RegisteredBlob[]> {
    return this.#retry(() => this.#inner.register(blobs, epochs, signal), signal)
  }

  upload(
    blob: RegisteredBlob,
    pack: PackFile,
    progress: UploadProgress,
    signal: AbortSignal,
  ): Promise<UploadedBlob> {
    return this.#retry(() => this.#inner.upload(blob, pack, progress, signal), signal)
  }

  certify(blob: UploadedBlob): TransactionPart {
    return this.#inner.certify(blob)
  }

  settle(signal: AbortSignal): Promise<void> {
    return this.#inner.settle(signal)
  }

  spare(signal: AbortSignal): Promise<SpareStorage[]> {
    return this.#retry(() => this.#inner.spare(signal), signal)
  }

  owned(signal: AbortSignal): Promise<OwnedBlob[]> {
    return this.#retry(() => this.#inner.owned(signal), signal)
  }

  objects(ids: readonly ObjectId[], signal: AbortSignal): Promise<(BlobObject | undefined)[]> {
    return this.#retry(() => this.#inner.objects(ids, signal), signal)
  }

  extend(blobs: readonly OwnedBlob[], epochs: number): TransactionPart {
    return this.#inner.extend(blobs, epochs)
  }

  remove(blobs: readonly OwnedBlob[]): TransactionPart {
    return this.#inner.remove(blobs)
  }

  execute(parts: readonly TransactionPart[], signal: AbortSignal): Promise<string> {
    return this.#retry(() => this.#inner.execute(parts, signal), signal, undone)
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

  #retry<T>(work: () => Promise<T>, signal: AbortSignal, codes = repeatable): Promise<T> {
    const again = (error: unknown): boolean =>
      error instanceof StoreError && codes.includes(error.code)
    return retry(work, again, this.#policy, this.#clock, signal)
  }
}
