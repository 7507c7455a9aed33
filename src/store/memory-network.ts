import { createHash } from 'node:crypto'
import type { BlobId } from '../terms/blob-id.ts'
import { parseObjectId } from '../terms/object-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { StoreError } from './blob-store.ts'
import type { EncodedBlob, OwnedBlob, StoreBalances } from './blob-store.ts'
import { encodedBytes, storageUnits } from './encoded-size.ts'
import { isUsable, type SpacePurchase, type SpareStorage } from './spare-storage.ts'

export interface MemoryNetworkOptions {
  /** @default 32 */
  readonly shards?: number
  /** @default 53 */
  readonly maxEpochsAhead?: number
  /** Milliseconds. @default two weeks */
  readonly epochDurationMs?: number
  /** FROST per MiB of encoded bytes and epoch. @default 1000n */
  readonly storagePrice?: bigint
  /** FROST per MiB of encoded bytes. @default 2000n */
  readonly writePrice?: bigint
}

/** A blob object and whose it is. */
interface Possession extends OwnedBlob {
  readonly owner: ObjectId
  /** Encoded bytes that it has paid for. */
  readonly storedBytes: number
}

/** Storage without a blob, and whose it is. */
interface Spare extends SpareStorage {
  readonly owner: ObjectId
}

interface Ledger {
  readonly blobs: Map<ObjectId, Possession>
  readonly spare: Map<ObjectId, Spare>
  readonly accounts: Map<ObjectId, StoreBalances>
}

const gasPerTransaction = 1_000_000n

/**
 * What several in-memory stores and manifests share in place of Walrus and Sui: accounts, blob objects, bytes and the
 * epoch. A transaction happens as a whole or not at all.
 */
export class MemoryNetwork {
  readonly shards: number
  readonly maxEpochsAhead: number
  readonly epochDurationMs: number
  readonly storagePrice: bigint
  readonly writePrice: bigint
  readonly contents = new Map<BlobId, Uint8Array>()
  #ledger: Ledger = { blobs: new Map(), spare: new Map(), accounts: new Map() }
  #epoch = 1
  #transactions = 0
  /** By the transaction that runs. */
  readonly #certifiedNow = new Set<ObjectId>()
  #objects = 0

  constructor(options: MemoryNetworkOptions = {}) {
    this.shards = options.shards ?? 32
    this.maxEpochsAhead = options.maxEpochsAhead ?? 53
    this.epochDurationMs = options.epochDurationMs ?? 14 * 24 * 3600 * 1000
    this.storagePrice = options.storagePrice ?? 1000n
    this.writePrice = options.writePrice ?? 2000n
  }

  get epoch(): number {
    return this.#epoch
  }

  /** How many transactions were carried out: tests count by it what was paid for. */
  get transactions(): number {
    return this.#transactions
  }

  advanceEpoch(count = 1): void {
    this.#epoch += count
  }

  /** Opens an account with that much to spend. */
  openAccount(sui = 10_000_000_000n, wal = 1_000_000_000_000n): ObjectId {
    const address = this.newObjectId('account')
    this.#ledger.accounts.set(address, { address, sui, wal })
    return address
  }

  setBalances(address: ObjectId, balances: Partial<Omit<StoreBalances, 'address'>>): void {
    this.#ledger.accounts.set(address, { ...this.balances(address), ...balances })
  }

  balances(address: ObjectId): StoreBalances {
    const account = this.#ledger.accounts.get(address)
    if (!account) throw new StoreError('not-owner', `no account ${address}`)
    return account
  }

  newObjectId(kind: string): ObjectId {
    const digest = createHash('sha256').update(`${kind} ${this.#objects++}`).digest('hex')
    return parseObjectId(digest)
  }

  /** Runs the work; when it throws, nothing of it has happened. Resolves to a digest. */
  transact(account: ObjectId, work: () => void): string {
    const { blobs, spare, accounts } = this.#ledger
    const before: Ledger = {
      blobs: new Map(blobs),
      spare: new Map(spare),
      accounts: new Map(accounts),
    }
    this.#certifiedNow.clear()
    try {
      this.#pay(account, 'sui', gasPerTransaction)
      work()
    } catch (error) {
      this.#ledger = before
      throw error
    }
    return `memory-${++this.#transactions}`
  }

  /** Within a transaction: takes spare storage for a blob, and buys what is missing. */
  register(
    owner: ObjectId,
    blob: Pick<EncodedBlob, 'blobId' | 'bytes' | 'permanent'>,
    { spare, takenBytes: storedBytes, endEpoch, cost }: SpacePurchase,
  ): Possession {
    this.#pay(owner, 'wal', cost)
    if (spare) this.#take(spare, storedBytes)
    const objectId = this.newObjectId('blob')
    const { blobId, bytes } = blob
    const deletable = blob.permanent !== true
    const registeredEpoch = this.#epoch
    const facts = { blobId, objectId, bytes, registeredEpoch, endEpoch }
    const made = { owner, storedBytes, ...facts, certified: false, deletable }
    this.#ledger.blobs.set(objectId, made)
    return made
  }

  /** Within a transaction. What is certified by then is left out of it; twice in one is refused, as by the contract. */
  certify(owner: ObjectId, objectId: ObjectId, epoch: number): void {
    const blob = this.#own(owner, objectId)
    if (blob.certified) {
      if (!this.#certifiedNow.has(objectId)) return
      throw new StoreError('rejected', `blob object ${objectId} is certified twice`)
    }
    if (epoch !== this.#epoch) {
      throw new StoreError('stale-epoch', `a certificate of epoch ${epoch}, now ${this.#epoch}`)
    }
    this.#certifiedNow.add(objectId)
    this.#ledger.blobs.set(objectId, { ...blob, certified: true })
  }

  /** Within a transaction. Does nothing where the blob lasts that long already. */
  extendTo(owner: ObjectId, objectId: ObjectId, endEpoch: number): void {
    const blob = this.#own(owner, objectId)
    const epochs = endEpoch - blob.endEpoch
    if (!blob.certified)
      throw new StoreError('rejected', `blob object ${objectId} is not certified`)
    if (epochs <= 0) return
    if (endEpoch > this.#epoch + this.maxEpochsAhead) {
      throw new StoreError('rejected', `storage until epoch ${endEpoch} cannot be bought yet`)
    }
    const units = storageUnits(encodedBytes(this.shards, blob.bytes))
    this.#pay(owner, 'wal', units * this.storagePrice * BigInt(epochs))
    this.#ledger.blobs.set(objectId, { ...blob, endEpoch })
  }

  /** Within a transaction. */
  remove(owner: ObjectId, objectId: ObjectId): void {
    const { storedBytes: bytes, registeredEpoch: startEpoch, endEpoch } = this.#own(owner, objectId)
    this.#ledger.blobs.delete(objectId)
    this.#keep({ owner, objectId: this.newObjectId('storage'), bytes, startEpoch, endEpoch })
  }

  /** The account's storage that no blob uses. */
  spare(owner: ObjectId): SpareStorage[] {
    const all = [...this.#ledger.spare.values()]
    return all.filter((one) => one.owner === owner && isUsable(one, this))
  }

  /** Within a transaction: somebody else owns it from now on. */
  give(objectId: ObjectId, owner: ObjectId): void {
    const blob = this.#ledger.blobs.get(objectId)
    if (!blob) throw new StoreError('not-found', `no blob object ${objectId}`)
    this.#ledger.blobs.set(objectId, { ...blob, owner })
  }

  /** The account's blob objects that have not ended. */
  owned(owner: ObjectId): OwnedBlob[] {
    return [...this.#ledger.blobs.values()].filter(
      (blob) => blob.owner === owner && blob.endEpoch > this.#epoch,
    )
  }

  /** Undefined where there is no such object; one that has ended is still there. */
  object(objectId: ObjectId): Possession | undefined {
    return this.#ledger.blobs.get(objectId)
  }

  /** Undefined unless somebody's certified blob object of this id has not ended. */
  content(blobId: BlobId): Uint8Array | undefined {
    for (const blob of this.#ledger.blobs.values()) {
      const live = blob.certified && blob.endEpoch > this.#epoch
      if (live && blob.blobId === blobId) return this.contents.get(blobId)
    }
    return undefined
  }

  #keep(spare: Spare): void {
    this.#ledger.spare.set(spare.objectId, spare)
  }

  /** What is more than that is split off. */
  #take({ objectId }: SpareStorage, bytes: number): void {
    const spare = this.#ledger.spare.get(objectId)!
    this.#ledger.spare.delete(objectId)
    if (spare.bytes === bytes) return
    this.#keep({ ...spare, objectId: this.newObjectId('storage'), bytes: spare.bytes - bytes })
  }

  #own(owner: ObjectId, objectId: ObjectId): Possession {
    const blob = this.#ledger.blobs.get(objectId)
    if (!blob || blob.endEpoch <= this.#epoch) {
      throw new StoreError('not-found', `no blob object ${objectId}`)
    }
    if (blob.owner !== owner) throw new StoreError('not-owner', `${objectId} is not ${owner}'s`)
    return blob
  }

  #pay(address: ObjectId, coin: 'sui' | 'wal', amount: bigint): void {
    const account = this.balances(address)
    if (account[coin] < amount) {
      const code = coin === 'sui' ? 'no-gas' : 'no-wal'
      throw new StoreError(code, `${address} has ${account[coin]} of ${amount} ${coin}`)
    }
    this.#ledger.accounts.set(address, { ...account, [coin]: account[coin] - amount })
  }
}
