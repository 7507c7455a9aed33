import type { Bandwidth } from '../runtime/bandwidth.ts'
import { systemClock } from '../runtime/clock.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Flow } from '../runtime/flow.ts'
import type { Log } from '../runtime/log.ts'
import type { Codec } from '../redstuff/codec.ts'
import { maxBlobBytes } from '../redstuff/parameters.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { abortable } from './abortable.ts'
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
  StoreLimits,
  StorePrices,
  TransactionPart,
  UploadedBlob,
  UploadProgress,
} from './blob-store.ts'
import { addParts } from './chain/add-parts.ts'
import { BlobCommands } from './chain/blob-commands.ts'
import { BlobObjects } from './chain/blob-objects.ts'
import { Registration } from './chain/registration.ts'
import type { SignerQueue } from './chain/signer-queue.ts'
import { spareStorage } from './chain/spare-objects.ts'
import { storeErrorOf } from './chain/store-errors.ts'
import type { SuiAccount } from './chain/sui-account.ts'
import { WalrusChain } from './chain/walrus-chain.ts'
import { NodeHealthBook } from './nodes/node-health.ts'
import type { Patience } from './nodes/node-health.ts'
import { NodeHttp } from './nodes/node-http.ts'
import { StorageNodes } from './nodes/storage-nodes.ts'
import type { StorageNodeTimeouts } from './nodes/storage-nodes.ts'
import type { BlobReader } from './read/blob-reader.ts'
import { MetadataReader, serving } from './read/metadata-reader.ts'
import { openBlobReader } from './read/open-blob-reader.ts'
import { isUsable, type SpareStorage } from './spare-storage.ts'
import { BlobWriter } from './write/blob-writer.ts'

const suiType = '0x2::sui::SUI'

export interface WalrusStoreOptions {
  /** Stays open when the store closes. */
  readonly account: SuiAccount
  /** Stays open, too. */
  readonly codec: Codec
  readonly log: Log
  /** @default systemClock */
  readonly clock?: Clock
  /** Bytes of verified rows kept, so that neighbouring pieces need no fetch. @default 64 MiB */
  readonly rowCacheBytes?: number
  /** Bytes of rows on their way at a time. @default 64 MiB */
  readonly readAheadBytes?: number
  /** Bytes of encoded blobs in memory. @default 384 MiB */
  readonly encodedBytes?: number
  /** Bytes of slivers on their way to nodes at a time. @default 32 MiB */
  readonly uploadBytes?: number
  /** How long nodes that are late are served after a quorum, milliseconds. @default 60_000 */
  readonly latecomerMs?: number
  /** How long a node may take to learn of a registration from the chain, milliseconds. @default 15_000 */
  readonly registrationMs?: number
  readonly timeouts?: StorageNodeTimeouts
  /** How fast slivers go to nodes and come from them; metadata, and what the chain is asked, is not counted. @default as fast as they can */
  readonly bandwidth?: Bandwidth
  /** How long a node is waited for before another way is tried beside it. @default 60 to 3000 ms */
  readonly patience?: Patience
}

/** Blobs on Walrus: chain objects through the full node, bytes straight from and to the storage nodes. */
export class WalrusStore implements BlobStore {
  readonly #account: SuiAccount
  readonly #http = new NodeHttp()
  readonly #health: NodeHealthBook
  readonly #chain: WalrusChain
  readonly #objects: BlobObjects
  readonly #commands: BlobCommands
  readonly #reader: BlobReader
  readonly #writer: BlobWriter
  readonly #down: Flow | undefined
  #registration: Registration | undefined

  constructor(options: WalrusStoreOptions) {
    const { account, codec } = options
    const log = options.log.room('store')
    const clock = options.clock ?? systemClock
    this.#account = account
    this.#health = new NodeHealthBook(clock, log, options.patience)
    const nodes = new StorageNodes(
      this.#http,
      this.#health,
      clock,
      options.timeouts,
      options.bandwidth,
    )
    this.#down = options.bandwidth?.down
    const learned = (state: Parameters<typeof serving>[0]): void =>
      this.#health.expect(serving(state))
    const chain = new WalrusChain(account, log, clock, learned)
    this.#chain = chain
    this.#objects = new BlobObjects(chain)
    this.#commands = new BlobCommands(chain, this.#objects)
    const metadata = new MetadataReader(chain, nodes)
    this.#reader = openBlobReader({
      chain,
      nodes,
      codec,
      metadata,
      clock,
      keptBytes: options.rowCacheBytes ?? 64 << 20,
      inFlightBytes: options.readAheadBytes ?? 64 << 20,
      rebuildMs: options.patience?.rebuildMs ?? 5000,
    })
    this.#writer = new BlobWriter({
      chain,
      objects: this.#objects,
      nodes,
      codec,
      clock,
      log,
      encodedBytes: options.encodedBytes ?? 384 << 20,
      uploadBytes: options.uploadBytes ?? 32 << 20,
      latecomerMs: options.latecomerMs ?? 60_000,
      registrationMs: options.registrationMs ?? 15_000,
      learned: (found) => metadata.learn(found),
    })
  }

  async limits(signal: AbortSignal): Promise<StoreLimits> {
    const { shards, maxEpochsAhead } = await this.#chain.state(signal)
    return { shards, maxBlobBytes: maxBlobBytes(shards), maxEpochsAhead }
  }

  async prices(signal: AbortSignal): Promise<StorePrices> {
    const { epoch, epochDurationMs, storagePrice, writePrice } = await this.#chain.refresh(signal)
    return { epoch, epochDurationMs, storagePrice, writePrice }
  }

  async balances(signal: AbortSignal): Promise<StoreBalances> {
    const { address } = this.#queue()
    const [sui, wal] = await Promise.all([
      this.#chain.balance(suiType, signal),
      this.#chain.walType(signal).then((type) => this.#chain.balance(type, signal)),
    ])
    return { address, sui, wal }
  }

  async read(
    blob: BlobId,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    await this.#down?.takeAhead(length, signal)
    return this.#reader.read(blob, offset, length, signal)
  }

  async column(blob: BlobId, column: number, signal: AbortSignal): Promise<Uint8Array> {
    await this.#down?.takeAhead(0, signal)
    return this.#reader.column(blob, column, signal)
  }

  size(blob: BlobId, signal: AbortSignal): Promise<number> {
    return this.#reader.size(blob, signal)
  }

  isStored(blob: BlobId, signal: AbortSignal): Promise<boolean> {
    return this.#reader.isStored(blob, signal)
  }

  encode(pack: PackFile, signal: AbortSignal): Promise<EncodedBlob> {
    return this.#writer.encode(pack, signal)
  }

  async register(
    blobs: readonly EncodedBlob[],
    epochs: number,
    signal: AbortSignal,
  ): Promise<RegisteredBlob[]> {
    return this.#registering().register(blobs, epochs, signal)
  }

  async quote(
    blobs: readonly QuotedBlob[],
    epochs: number,
    signal: AbortSignal,
  ): Promise<bigint[]> {
    return this.#registering().quote(blobs, epochs, signal)
  }

  upload(
    blob: RegisteredBlob,
    pack: PackFile,
    progress: UploadProgress,
    signal: AbortSignal,
  ): Promise<UploadedBlob> {
    return this.#writer.upload(blob, pack, progress, signal)
  }

  certify(blob: UploadedBlob): TransactionPart {
    return this.#commands.certify(blob)
  }

  settle(signal: AbortSignal): Promise<void> {
    return this.#writer.settle(signal)
  }

  async spare(signal: AbortSignal): Promise<SpareStorage[]> {
    const state = await this.#chain.refresh(signal)
    const all = await spareStorage(this.#chain, this.#queue().address, signal)
    return all.filter((one) => isUsable(one, state))
  }

  async owned(signal: AbortSignal): Promise<OwnedBlob[]> {
    const { epoch } = await this.#chain.refresh(signal)
    return this.#objects.list(this.#queue().address, epoch, signal)
  }

  objects(ids: readonly ObjectId[], signal: AbortSignal): Promise<(BlobObject | undefined)[]> {
    return abortable(Promise.all(ids.map((id) => this.#objects.look(id))), signal)
  }

  extend(blobs: readonly OwnedBlob[], epochs: number): TransactionPart {
    return this.#commands.extend(blobs, epochs)
  }

  remove(blobs: readonly OwnedBlob[]): TransactionPart {
    return this.#commands.remove(blobs, this.#queue().address)
  }

  async execute(parts: readonly TransactionPart[], signal: AbortSignal): Promise<string> {
    signal.throwIfAborted()
    try {
      const { digest } = await this.#queue().run(async (transaction) => {
        await addParts(transaction, parts)
      }, signal)
      return digest
    } catch (error) {
      signal.throwIfAborted()
      throw storeErrorOf(error)
    }
  }

  health(): readonly NodeHealth[] {
    return this.#health.view()
  }

  rows(): RowCounts {
    return this.#reader.rows
  }

  /** Ends uploads that go on behind. */
  async close(): Promise<void> {
    await abortable(this.#writer.close(), AbortSignal.timeout(10_000))
    await this.#http.close()
  }

  #registering(): Registration {
    this.#registration ??= new Registration(this.#chain, this.#objects, this.#queue())
    return this.#registration
  }

  #queue(): SignerQueue {
    const { queue } = this.#account
    if (!queue) throw new StoreError('not-owner', 'there is no key to sign with')
    return queue
  }
}
