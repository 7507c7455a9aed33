import type { TransactionPart, OwnedBlob, UploadedBlob } from '../blob-store.ts'
import { StoreError } from '../blob-store.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import type { BlobObjects } from './blob-objects.ts'
import type { WalrusChain } from './walrus-chain.ts'

/** Building a transaction has no signal of its own. */
const { signal } = new AbortController()

/**
 * Commands on blob objects, as parts of transactions. Each looks at the object first, so that what is wrong is told by
 * a code and not by the words of a refused transaction.
 */
export class BlobCommands {
  readonly #chain: WalrusChain
  readonly #objects: BlobObjects

  constructor(chain: WalrusChain, objects: BlobObjects) {
    this.#chain = chain
    this.#objects = objects
  }

  certify(blob: UploadedBlob): TransactionPart {
    return {
      addTo: async (transaction) => {
        const { certified } = await this.#live(blob.objectId)
        if (certified) return
        await this.#checkEpoch(blob)
        const { blobId, objectId: blobObjectId, deletable, certificate } = blob
        const { signers, serializedMessage, signature } = certificate
        transaction.add(
          this.#chain.walrus.certifyBlob({
            blobId,
            blobObjectId,
            deletable,
            certificate: { signers: [...signers], serializedMessage, signature },
          }),
        )
      },
    }
  }

  extend(blobs: readonly OwnedBlob[], epochs: number): TransactionPart {
    return {
      addTo: async (transaction) => {
        const objects = await Promise.all(blobs.map(({ objectId }) => this.#live(objectId)))
        for (const [i, { objectId: blobObjectId, certified, endEpoch }] of objects.entries()) {
          if (!certified) {
            throw new StoreError('rejected', `blob object ${blobObjectId} is not certified`)
          }
          const left = blobs[i]!.endEpoch + epochs - endEpoch
          if (left <= 0) continue
          transaction.add(this.#chain.walrus.extendBlob({ blobObjectId, epochs: left }))
        }
      },
    }
  }

  /** The storage that is left over goes back to the owner. */
  remove(blobs: readonly OwnedBlob[], owner: ObjectId): TransactionPart {
    return {
      addTo: async (transaction) => {
        const objects = await Promise.all(blobs.map(({ objectId }) => this.#live(objectId)))
        const storage = objects.map(({ objectId: blobObjectId }) =>
          transaction.add(this.#chain.walrus.deleteBlob({ blobObjectId })),
        )
        if (storage.length > 0) transaction.transferObjects(storage, owner)
      },
    }
  }

  async #live(objectId: ObjectId): Promise<OwnedBlob> {
    const blob = await this.#objects.read(objectId)
    const { epoch } = await this.#chain.state(signal)
    if (blob.endEpoch > epoch) return blob
    throw new StoreError('not-found', `the storage of blob object ${objectId} has ended`)
  }

  async #checkEpoch({ blobId, epoch }: UploadedBlob): Promise<void> {
    const known = await this.#chain.state(signal)
    const now = known.epoch === epoch ? known : await this.#chain.refresh(signal)
    if (now.epoch === epoch) return
    const text = `the certificate of ${blobId} is of epoch ${epoch}, the network in ${now.epoch}`
    throw new StoreError('stale-epoch', text)
  }
}
