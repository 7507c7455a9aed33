import type { BlobId } from '../../terms/blob-id.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import type { BlobObject, Registration, WalrusEvent } from '../chain-view.ts'

interface Entry {
  readonly size: number
  readonly encodingType: number
  readonly objects: Map<ObjectId, BlobObject>
}

/** A blob as the table is kept on disk. */
export interface SavedRegistration {
  readonly blobId: BlobId
  readonly size: number
  readonly encodingType: number
  readonly objects: readonly BlobObject[]
}

/** Who pays for which blob until when, by the events of the chain. */
export class Registrations {
  readonly #blobs = new Map<BlobId, Entry>()

  constructor(saved: readonly SavedRegistration[] = []) {
    for (const { blobId, size, encodingType, objects } of saved)
      this.#blobs.set(blobId, {
        size,
        encodingType,
        objects: new Map(objects.map((object) => [object.objectId, readSaved(object)])),
      })
  }

  get size(): number {
    return this.#blobs.size
  }

  apply(event: WalrusEvent): void {
    switch (event.type) {
      case 'BlobRegistered':
        return this.#register(event)
      case 'BlobCertified':
        return this.#certify(event)
      case 'BlobDeleted':
        return this.#remove(event.blobId, (object) => object.objectId === event.objectId)
      case 'EpochChanged':
        for (const blobId of this.#blobs.keys())
          this.#remove(blobId, (object) => object.endEpoch <= event.epoch)
    }
  }

  get(blobId: BlobId): Registration | undefined {
    const entry = this.#blobs.get(blobId)
    return entry && registrationOf(blobId, entry)
  }

  *all(): Iterable<Registration> {
    for (const [blobId, entry] of this.#blobs) yield registrationOf(blobId, entry)
  }

  #register(event: Extract<WalrusEvent, { type: 'BlobRegistered' }>): void {
    const { blobId, size, encodingType, objectId, deletable, endEpoch, id } = event
    const entry = this.#blobs.get(blobId) ?? { size, encodingType, objects: new Map() }
    entry.objects.set(objectId, {
      objectId,
      deletable,
      registeredEpoch: event.epoch,
      certifiedEpoch: undefined,
      endEpoch,
      event: id,
    })
    this.#blobs.set(blobId, entry)
  }

  #certify(event: Extract<WalrusEvent, { type: 'BlobCertified' }>): void {
    const entry = this.#blobs.get(event.blobId)
    const object = entry?.objects.get(event.objectId)
    if (!entry || !object) return
    const { epoch: certifiedEpoch, endEpoch, id } = event
    entry.objects.set(event.objectId, { ...object, certifiedEpoch, endEpoch, event: id })
  }

  #remove(blobId: BlobId, isGone: (object: BlobObject) => boolean): void {
    const entry = this.#blobs.get(blobId)
    if (!entry) return
    for (const object of entry.objects.values())
      if (isGone(object)) entry.objects.delete(object.objectId)
    if (entry.objects.size === 0) this.#blobs.delete(blobId)
  }
}

/** JSON leaves out what is undefined. */
function readSaved(object: BlobObject): BlobObject {
  return { ...object, certifiedEpoch: object.certifiedEpoch }
}

function registrationOf(blobId: BlobId, { size, encodingType, objects }: Entry): Registration {
  const all = [...objects.values()]
  return {
    blobId,
    size,
    encodingType,
    objects: all,
    certified: all.some((object) => object.certifiedEpoch !== undefined),
    endEpoch: Math.max(...all.map((object) => object.endEpoch)),
  }
}
