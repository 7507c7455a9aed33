import type { NetworkSwitch } from '../runtime/network-switch.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import {
  StoreError,
  type BlobObject,
  type BlobStore,
  type EncodedBlob,
  type NodeHealth,
  type OwnedBlob,
  type PackFile,
  type QuotedBlob,
  type RegisteredBlob,
  type RowCounts,
  type StoreBalances,
  type StoreLimits,
  type StorePrices,
  type TransactionPart,
  type UploadedBlob,
  type UploadProgress,
} from './blob-store.ts'
import type { SpareStorage } from './spare-storage.ts'

/** Nobody is asked: the drive is offline. */
export class OfflineError extends StoreError {
  constructor() {
    super('unreachable', 'the drive is offline', { retryable: false })
  }
}

/** A store that refuses at once, without touching the network, while the switch is off. */
export class SwitchedStore implements BlobStore {
  readonly #inner: BlobStore
  readonly #network: NetworkSwitch

  constructor(inner: BlobStore, network: NetworkSwitch) {
    this.#inner = inner
    this.#network = network
  }

  limits(signal: AbortSignal): Promise<StoreLimits> {
    return this.#ask(signal, (either) => this.#inner.limits(either))
  }

  prices(signal: AbortSignal): Promise<StorePrices> {
    return this.#ask(signal, (either) => this.#inner.prices(either))
  }

  balances(signal: AbortSignal): Promise<StoreBalances> {
    return this.#ask(signal, (either) => this.#inner.balances(either))
  }

  read(blob: BlobId, offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.#ask(signal, (either) => this.#inner.read(blob, offset, length, either))
  }

  column(blob: BlobId, column: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.#ask(signal, (either) => this.#inner.column(blob, column, either))
  }

  size(blob: BlobId, signal: AbortSignal): Promise<number> {
    return this.#ask(signal, (either) => this.#inner.size(blob, either))
  }

  isStored(blob: BlobId, signal: AbortSignal): Promise<boolean> {
    return this.#ask(signal, (either) => this.#inner.isStored(blob, either))
  }

  encode(pack: PackFile, signal: AbortSignal): Promise<EncodedBlob> {
    return this.#ask(signal, (either) => this.#inner.encode(pack, either))
  }

  quote(blobs: readonly QuotedBlob[], epochs: number, signal: AbortSignal): Promise<bigint[]> {
    return this.#ask(signal, (either) => this.#inner.quote(blobs, epochs, either))
  }

  /** What is bought is not given up half way. */
  register(
    blobs: readonly EncodedBlob[],
    epochs: number,
    signal: AbortSignal,
  ): Promise<RegisteredBlob[]> {
    return this.#begin(() => this.#inner.register(blobs, epochs, signal))
  }

  upload(
    blob: RegisteredBlob,
    pack: PackFile,
    progress: UploadProgress,
    signal: AbortSignal,
  ): Promise<UploadedBlob> {
    return this.#ask(signal, (either) => this.#inner.upload(blob, pack, progress, either))
  }

  certify(blob: UploadedBlob): TransactionPart {
    return this.#inner.certify(blob)
  }

  settle(signal: AbortSignal): Promise<void> {
    return this.#inner.settle(signal)
  }

  spare(signal: AbortSignal): Promise<SpareStorage[]> {
    return this.#ask(signal, (either) => this.#inner.spare(either))
  }

  owned(signal: AbortSignal): Promise<OwnedBlob[]> {
    return this.#ask(signal, (either) => this.#inner.owned(either))
  }

  objects(ids: readonly ObjectId[], signal: AbortSignal): Promise<(BlobObject | undefined)[]> {
    return this.#ask(signal, (either) => this.#inner.objects(ids, either))
  }

  extend(blobs: readonly OwnedBlob[], epochs: number): TransactionPart {
    return this.#inner.extend(blobs, epochs)
  }

  remove(blobs: readonly OwnedBlob[]): TransactionPart {
    return this.#inner.remove(blobs)
  }

  /** The same: a transaction that was sent is waited for. */
  execute(parts: readonly TransactionPart[], signal: AbortSignal): Promise<string> {
    return this.#begin(() => this.#inner.execute(parts, signal))
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

  async #begin<T>(work: () => Promise<T>): Promise<T> {
    if (this.#network.isOffline) throw new OfflineError()
    return work()
  }

  async #ask<T>(signal: AbortSignal, work: (either: AbortSignal) => Promise<T>): Promise<T> {
    const { isOffline, ends } = this.#network
    if (isOffline) throw new OfflineError()
    // Not AbortSignal.any: this is asked for each piece, and `ends` lives as long as the drive.
    const either = new AbortController()
    const abort = (): void => either.abort(signal.aborted ? signal.reason : ends.reason)
    signal.throwIfAborted()
    for (const one of [signal, ends]) one.addEventListener('abort', abort, { once: true })
    try {
      return await work(either.signal)
    } catch (error) {
      signal.throwIfAborted()
      throw ends.aborted ? new OfflineError() : error
    } finally {
      for (const one of [signal, ends]) one.removeEventListener('abort', abort)
    }
  }
}
