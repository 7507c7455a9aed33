import type { BlobId } from '../../terms/blob-id.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import { StoreError } from '../blob-store.ts'
import type { EncodedBlob, OwnedBlob, QuotedBlob, RegisteredBlob } from '../blob-store.ts'
import { reusableBlob } from '../reuse.ts'
import { costOf, planPurchases, quoted, type SpacePurchase } from '../spare-storage.ts'
import type { BlobObjects } from './blob-objects.ts'
import { ChainError } from './chain-error.ts'
import { registerOnSpare } from './register-commands.ts'
import type { SignerQueue } from './signer-queue.ts'
import { spareStorage } from './spare-objects.ts'
import { storeErrorOf } from './store-errors.ts'
import type { WalrusChain, WalrusState } from './walrus-chain.ts'

/** So often it is looked again what is still to be bought, when a purchase is refused for what it was built on. */
const looks = 12
/** Some ten commands each, of 1024 that a transaction may have. */
const perTransaction = 50

type KnownBlob = Pick<EncodedBlob, 'blobId' | 'permanent'>

/** A blob, and how it comes to its storage. */
interface PlannedBlob extends SpacePurchase {
  readonly blob: EncodedBlob
}

/**
 * Buys storage and registers blobs; blobs, and storage, that the account already owns are taken instead. All that it owns is listed once,
 * and again after a failure that may have left something behind: a large drive has tens of thousands.
 */
export class Registration {
  readonly #chain: WalrusChain
  readonly #objects: BlobObjects
  readonly #queue: SignerQueue
  #owned: OwnedBlob[] | undefined

  constructor(chain: WalrusChain, objects: BlobObjects, queue: SignerQueue) {
    this.#chain = chain
    this.#objects = objects
    this.#queue = queue
  }

  /** Throws StoreError. */
  async register(
    blobs: readonly EncodedBlob[],
    epochs: number,
    signal: AbortSignal,
  ): Promise<RegisteredBlob[]> {
    const state = await this.#chain.refresh(signal)
    if (!(epochs >= 1 && epochs <= state.maxEpochsAhead)) {
      const text = `storage for ${epochs} epochs, of 1 to ${state.maxEpochsAhead}`
      throw new StoreError('rejected', text)
    }
    for (let tried = 1; ; tried++) {
      try {
        return await this.#take(blobs, state, epochs, signal)
      } catch (error) {
        if (!(error instanceof Outdated)) throw error
        if (tried >= looks) throw storeErrorOf(error)
      }
    }
  }

  /** FROST that `register` would take for each now. Throws StoreError. */
  async quote(
    blobs: readonly QuotedBlob[],
    epochs: number,
    signal: AbortSignal,
  ): Promise<bigint[]> {
    const state = await this.#chain.refresh(signal)
    const known = blobs.filter((blob) => blob.blobId !== undefined) as readonly KnownBlob[]
    const taken = known.length
      ? await this.#reusable(known, state.epoch, epochs, signal)
      : new Map<BlobId, OwnedBlob>()
    const spare = await spareStorage(this.#chain, this.#queue.address, signal)
    const isOwned = ({ blobId }: QuotedBlob) => blobId !== undefined && taken.has(blobId)
    return quoted(blobs, isOwned, epochs, state, spare)
  }

  async #take(
    blobs: readonly EncodedBlob[],
    state: WalrusState,
    epochs: number,
    signal: AbortSignal,
  ): Promise<RegisteredBlob[]> {
    const taken = await this.#reusable(blobs, state.epoch, epochs, signal)
    const fresh = new Map(blobs.map((blob) => [blob.blobId, blob]))
    for (const blobId of taken.keys()) fresh.delete(blobId)
    const waiting = [...fresh.values()]
    let plan = waiting.length > 0 ? await this.#plan(state, waiting, epochs, signal) : []
    for (let isAgain = false; waiting.length > 0;) {
      const some = plan.slice(0, perTransaction)
      try {
        for (const made of await this.#buy(some, epochs, signal)) {
          taken.set(made.blobId, made)
          this.#owned?.push(made)
        }
      } catch (error) {
        if (isAgain || !some.some(({ spare }) => spare) || !isRefusal(error)) throw error
        // Somebody else with this key may have used the spare storage first.
        isAgain = true
        plan = await this.#plan(state, waiting, epochs, signal)
        continue
      }
      waiting.splice(0, some.length)
      plan = plan.slice(some.length)
    }
    return blobs.map((blob) => {
      const object = taken.get(blob.blobId)
      if (!object) throw new StoreError('rejected', `blob ${blob.blobId} was not registered`)
      const { objectId, deletable, endEpoch } = object
      return { ...blob, objectId, deletable, endEpoch }
    })
  }

  async #reusable(
    blobs: readonly KnownBlob[],
    epoch: number,
    epochs: number,
    signal: AbortSignal,
  ): Promise<Map<BlobId, OwnedBlob>> {
    await this.#settle(signal)
    this.#owned ??= await this.#objects.list(this.#queue.address, epoch, signal)
    const taken = new Map<BlobId, OwnedBlob>()
    for (const { blobId, permanent } of blobs) {
      const known = reusableBlob(this.#owned, blobId, epoch, epochs, permanent)
      const object = known && (await this.#still(known))
      if (object && reusableBlob([object], blobId, epoch, epochs, permanent)) {
        taken.set(blobId, object)
      }
    }
    return taken
  }

  /** A purchase whose answer was lost may be carried out only now: what it bought is not to be bought again. */
  async #settle(signal: AbortSignal): Promise<void> {
    try {
      await this.#queue.settle(signal)
    } catch (error) {
      signal.throwIfAborted()
      throw storeErrorOf(error)
    }
  }

  /** The object as it is now; undefined if it is gone. */
  async #still({ objectId }: OwnedBlob): Promise<OwnedBlob | undefined> {
    try {
      return await this.#objects.read(objectId)
    } catch (error) {
      const gone = error instanceof StoreError && ['not-found', 'not-owner'].includes(error.code)
      if (!gone) throw error
      this.#owned = this.#owned?.filter((blob) => blob.objectId !== objectId)
      return undefined
    }
  }

  /** What is bought, and what is taken of the storage that deleted blobs have left. Throws `no-wal`. */
  async #plan(
    state: WalrusState,
    blobs: readonly EncodedBlob[],
    epochs: number,
    signal: AbortSignal,
  ): Promise<PlannedBlob[]> {
    const spare = await spareStorage(this.#chain, this.#queue.address, signal)
    const sizes = blobs.map(({ bytes }) => bytes)
    const purchases = planPurchases(sizes, epochs, state, spare)
    const cost = costOf(purchases)
    const wal = await this.#chain.balance(await this.#chain.walType(signal), signal)
    if (wal >= cost) return purchases.map((purchase, i) => ({ ...purchase, blob: blobs[i]! }))
    throw new StoreError('no-wal', `${cost} FROST are needed, ${this.#queue.address} has ${wal}`)
  }

  /** Nobody has taken it away yet: a full node that does not show it lags behind. */
  async #justMade(objectId: ObjectId): Promise<OwnedBlob> {
    const object = await this.#objects.look(objectId)
    if (object) return object
    const text = `the full node does not show blob object ${objectId}, which it has made`
    throw new StoreError('unreachable', text)
  }

  async #buy(
    planned: readonly PlannedBlob[],
    epochs: number,
    signal: AbortSignal,
  ): Promise<OwnedBlob[]> {
    const { walrus } = this.#chain
    let isBuilt = false
    try {
      const { created } = await this.#queue.run(async (transaction) => {
        if (isBuilt) throw new Outdated()
        isBuilt = true
        const made = []
        for (const { blob, ...purchase } of planned) {
          const { blobId, rootHash, bytes: size } = blob
          if (purchase.spare) {
            const own = await registerOnSpare(transaction, blob, purchase, this.#chain, signal)
            made.push(...own)
          } else {
            const deletable = blob.permanent !== true
            const bought = { size, epochs, blobId, rootHash, deletable }
            made.push(transaction.add(walrus.registerBlob(bought)))
          }
        }
        transaction.transferObjects(made, this.#queue.address)
      }, signal)
      const type = await walrus.getBlobType()
      const made = created.filter((object) => object.type === type)
      return await Promise.all(made.map(({ objectId }) => this.#justMade(objectId)))
    } catch (error) {
      this.#owned = undefined
      signal.throwIfAborted()
      throw error instanceof Outdated ? error : storeErrorOf(error)
    }
  }
}

/** Nothing was done, and it is certain: not an answer that was lost, nor too little money. */
function isRefusal(error: unknown): boolean {
  const codes = ['rejected', 'not-found', 'not-owner']
  return error instanceof StoreError && codes.includes(error.code)
}

/** The full node did not show everything when it was decided what to buy: it may be there already. */
class Outdated extends ChainError {
  constructor() {
    super('unreachable', 'the full node shows coins that are spent: it is behind')
  }
}
