import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { codeParameters, maxBlobBytes } from '../redstuff/parameters.ts'
import { blobIdFromBytes } from '../terms/blob-id.ts'
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
  StoreLimits,
  StorePrices,
  TransactionPart,
  UploadedBlob,
  UploadProgress,
} from './blob-store.ts'
import type { MemoryNetwork } from './memory-network.ts'
import { checkRange } from './range.ts'
import { reusableBlob } from './reuse.ts'
import { planPurchases, quoted, type SpareStorage } from './spare-storage.ts'

/**
 * A store without a network, for tests: same rules, same errors, no erasure code (its blob ids are hashes, but not
 * Walrus's). Stores of one {@link MemoryNetwork} see each other's blobs.
 */
export class MemoryStore implements BlobStore {
  readonly #network: MemoryNetwork
  readonly #account: ObjectId

  constructor(network: MemoryNetwork, account = network.openAccount()) {
    this.#network = network
    this.#account = account
  }

  async limits(signal: AbortSignal): Promise<StoreLimits> {
    signal.throwIfAborted()
    const { shards, maxEpochsAhead } = this.#network
    return { shards, maxBlobBytes: maxBlobBytes(shards), maxEpochsAhead }
  }

  async prices(signal: AbortSignal): Promise<StorePrices> {
    signal.throwIfAborted()
    const { epoch, epochDurationMs, storagePrice, writePrice } = this.#network
    return { epoch, epochDurationMs, storagePrice, writePrice }
  }

  async balances(signal: AbortSignal): Promise<StoreBalances> {
    signal.throwIfAborted()
    return this.#network.balances(this.#account)
  }

  async read(
    blob: BlobId,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    checkRange(offset, length)
    signal.throwIfAborted()
    return this.#content(blob).slice(offset, offset + length)
  }

  async column(blob: BlobId, column: number, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted()
    return columnOf(this.#content(blob), this.#network.shards, column)
  }

  async size(blob: BlobId, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted()
    return this.#content(blob).length
  }

  async isStored(blob: BlobId, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted()
    return this.#network.content(blob) !== undefined
  }

  async encode(pack: PackFile, signal: AbortSignal): Promise<EncodedBlob> {
    const bytes = await readPack(pack, signal)
    const most = maxBlobBytes(this.#network.shards)
    if (bytes.length > most) {
      throw new StoreError('too-large', `${bytes.length} bytes of at most ${most}`)
    }
    const rootHash = hashOf('root', bytes)
    return { blobId: blobIdFromBytes(hashOf('blob', bytes)), rootHash, bytes: bytes.length }
  }

  async register(
    blobs: readonly EncodedBlob[],
    epochs: number,
    signal: AbortSignal,
  ): Promise<RegisteredBlob[]> {
    signal.throwIfAborted()
    const owned = this.#network.owned(this.#account)
    const taken = new Map<BlobId, OwnedBlob>()
    for (const { blobId, permanent } of blobs) {
      const blob = reusableBlob(owned, blobId, this.#network.epoch, epochs, permanent)
      if (blob) taken.set(blobId, blob)
    }
    const fresh = new Map(blobs.map((blob) => [blob.blobId, blob]))
    for (const blobId of taken.keys()) fresh.delete(blobId)
    if (fresh.size > 0) this.#buy([...fresh.values()], epochs, taken)
    return blobs.map((blob) => {
      const { objectId, deletable, endEpoch } = taken.get(blob.blobId)!
      return { ...blob, objectId, deletable, endEpoch }
    })
  }

  async quote(
    blobs: readonly QuotedBlob[],
    epochs: number,
    signal: AbortSignal,
  ): Promise<bigint[]> {
    signal.throwIfAborted()
    const owned = this.#network.owned(this.#account)
    const { epoch } = this.#network
    const spare = this.#network.spare(this.#account)
    const isOwned = ({ blobId, permanent }: QuotedBlob) =>
      blobId !== undefined && reusableBlob(owned, blobId, epoch, epochs, permanent) !== undefined
    return quoted(blobs, isOwned, epochs, this.#network, spare)
  }

  #buy(blobs: readonly EncodedBlob[], epochs: number, taken: Map<BlobId, OwnedBlob>): void {
    const { maxEpochsAhead } = this.#network
    if (epochs < 1 || epochs > maxEpochsAhead) {
      throw new StoreError('rejected', `storage for ${epochs} epochs, of 1 to ${maxEpochsAhead}`)
    }
    const spare = this.#network.spare(this.#account)
    const sizes = blobs.map(({ bytes }) => bytes)
    const purchases = planPurchases(sizes, epochs, this.#network, spare)
    this.#network.transact(this.#account, () => {
      for (const [i, blob] of blobs.entries()) {
        taken.set(blob.blobId, this.#network.register(this.#account, blob, purchases[i]!))
      }
    })
  }

  async upload(
    blob: RegisteredBlob,
    pack: PackFile,
    progress: UploadProgress,
    signal: AbortSignal,
  ): Promise<UploadedBlob> {
    const bytes = await readPack(pack, signal)
    if (blobIdFromBytes(hashOf('blob', bytes)) !== blob.blobId) {
      throw new StoreError('corrupt', `${pack.path} does not hold blob ${blob.blobId}`)
    }
    const owned = this.#network.owned(this.#account)
    if (!owned.some((object) => object.objectId === blob.objectId)) {
      throw new StoreError('not-found', `no blob object ${blob.objectId}`)
    }
    progress(0, bytes.length)
    this.#network.contents.set(blob.blobId, bytes)
    progress(bytes.length, bytes.length)
    const nothing = new Uint8Array(0)
    const certificate = { signers: [0], serializedMessage: nothing, signature: nothing }
    return { ...blob, epoch: this.#network.epoch, certificate }
  }

  certify(blob: UploadedBlob): TransactionPart {
    return this.#part(() => this.#network.certify(this.#account, blob.objectId, blob.epoch))
  }

  async settle(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
  }

  async spare(signal: AbortSignal): Promise<SpareStorage[]> {
    signal.throwIfAborted()
    return this.#network.spare(this.#account)
  }

  async owned(signal: AbortSignal): Promise<OwnedBlob[]> {
    signal.throwIfAborted()
    return this.#network.owned(this.#account)
  }

  async objects(
    ids: readonly ObjectId[],
    signal: AbortSignal,
  ): Promise<(BlobObject | undefined)[]> {
    signal.throwIfAborted()
    return ids.map((id) => {
      const found = this.#network.object(id)
      if (!found) return undefined
      const { owner, ...blob } = found
      return { ...blob, ours: owner === this.#account }
    })
  }

  extend(blobs: readonly OwnedBlob[], epochs: number): TransactionPart {
    return this.#part(() => {
      for (const { objectId, endEpoch } of blobs) {
        this.#network.extendTo(this.#account, objectId, endEpoch + epochs)
      }
    })
  }

  remove(blobs: readonly OwnedBlob[]): TransactionPart {
    return this.#part(() => {
      for (const { objectId } of blobs) this.#network.remove(this.#account, objectId)
    })
  }

  async execute(parts: readonly TransactionPart[], signal: AbortSignal): Promise<string> {
    signal.throwIfAborted()
    return this.#network.transact(this.#account, () => {
      for (const part of parts) part.apply?.()
    })
  }

  health(): readonly NodeHealth[] {
    return []
  }

  rows(): RowCounts {
    return { fetched: 0, rebuilt: 0, decoded: 0 }
  }

  async close(): Promise<void> {}

  #content(blob: BlobId): Uint8Array {
    const content = this.#network.content(blob)
    if (!content) throw new StoreError('not-found', `no blob ${blob}`)
    return content
  }

  #part(apply: () => void): TransactionPart {
    const addTo = (): never => {
      throw new StoreError('rejected', 'an in-memory store has no commands for Sui')
    }
    return { addTo, apply }
  }
}

async function readPack(pack: PackFile, signal: AbortSignal): Promise<Uint8Array> {
  signal.throwIfAborted()
  const bytes = await readFile(pack.path)
  signal.throwIfAborted()
  if (bytes.length < pack.bytes) {
    throw new StoreError('corrupt', `${pack.path} has ${bytes.length} of ${pack.bytes} bytes`)
  }
  return bytes.subarray(0, pack.bytes)
}

function hashOf(what: string, bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(what).update(bytes).digest()
}

/** The same layout as Walrus's. */
function columnOf(content: Uint8Array, shards: number, column: number): Uint8Array {
  const code = codeParameters(shards, content.length)
  if (!(column >= 0 && column < code.secondarySymbols)) throw new RangeError('no such column')
  const { primarySymbols, primarySliverBytes, symbolBytes } = code
  const bytes = new Uint8Array(primarySymbols * symbolBytes)
  for (let row = 0; row < primarySymbols; row++) {
    const from = row * primarySliverBytes + column * symbolBytes
    bytes.set(content.subarray(from, from + symbolBytes), row * symbolBytes)
  }
  return bytes
}
