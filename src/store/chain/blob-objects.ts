import type { SuiClientTypes } from '@mysten/sui/client'
import { parseObjectId } from '../../terms/object-id.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import { abortable } from '../abortable.ts'
import { StoreError } from '../blob-store.ts'
import type { BlobObject, OwnedBlob } from '../blob-store.ts'
import { storeErrorOf } from './store-errors.ts'
import type { WalrusChain } from './walrus-chain.ts'
import { parseBlobObject } from './walrus-layouts.ts'

const pageSize = 1000

type Page = SuiClientTypes.ListOwnedObjectsResponse<{ content: true }>

interface Waiting {
  readonly objectId: ObjectId
  readonly result: PromiseWithResolvers<BlobObject | undefined>
}

/** Blob objects of an account as the chain shows them now. What is asked in one turn is asked in one request. */
export class BlobObjects {
  readonly #chain: WalrusChain
  #batch: Waiting[] = []

  constructor(chain: WalrusChain) {
    this.#chain = chain
  }

  /** Throws StoreError `not-found`, `not-owner`, `unreachable`. */
  async read(objectId: ObjectId): Promise<OwnedBlob> {
    const object = await this.look(objectId)
    if (!object) throw new StoreError('not-found', `there is no blob object ${objectId}`)
    const { ours, ...blob } = object
    if (ours) return blob
    throw new StoreError('not-owner', `blob object ${objectId} is somebody else's`)
  }

  /** Whoever owns it; undefined where there is none. Throws StoreError `unreachable`. */
  look(objectId: ObjectId): Promise<BlobObject | undefined> {
    const result = Promise.withResolvers<BlobObject | undefined>()
    this.#batch.push({ objectId, result })
    if (this.#batch.length === 1) queueMicrotask(() => void this.#flush())
    return result.promise
  }

  /** All that have not ended. Throws StoreError. */
  async list(owner: ObjectId, epoch: number, signal: AbortSignal): Promise<OwnedBlob[]> {
    const { client } = this.#chain.account
    const blobs: OwnedBlob[] = []
    const include = { content: true } as const
    try {
      const type = await abortable(Promise.resolve(this.#chain.walrus.getBlobType()), signal)
      for (let cursor: string | null = null, more = true; more;) {
        const query = { owner, type, include, limit: pageSize, cursor, signal }
        const page: Page = await client.core.listOwnedObjects(query)
        blobs.push(...page.objects.map(({ content }) => parseBlobObject(content)))
        cursor = page.cursor
        more = page.hasNextPage && cursor !== null
      }
    } catch (error) {
      signal.throwIfAborted()
      throw storeErrorOf(error)
    }
    return blobs.filter(({ endEpoch }) => endEpoch > epoch)
  }

  async #flush(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    try {
      const objectIds = batch.map(({ objectId }) => objectId)
      const { core } = this.#chain.account.client
      const { objects } = await core.getObjects({ objectIds, include: { content: true } })
      batch.forEach(({ result }, i) => {
        const object = objects[i]!
        if (!(object instanceof Error)) {
          const ours = this.#isOurs(object.owner)
          result.resolve({ ...parseBlobObject(object.content), ours })
          return
        }
        const error = storeErrorOf(object)
        if (error instanceof StoreError && error.code === 'not-found') result.resolve(undefined)
        else result.reject(error)
      })
    } catch (error) {
      for (const { result } of batch) result.reject(storeErrorOf(error))
    }
  }

  #isOurs(owner: { readonly $kind: string; readonly AddressOwner?: string | undefined }): boolean {
    const account = this.#chain.account.queue?.address
    return owner.AddressOwner !== undefined && parseObjectId(owner.AddressOwner) === account
  }
}
