import { blobIdFromU256, type BlobId } from '../../src/terms/blob-id.ts'
import { parseObjectId, type ObjectId } from '../../src/terms/object-id.ts'
import type {
  BlobObject,
  ChainView,
  Committee,
  Registration,
  WalrusEvent,
} from '../../src/devnet/chain-view.ts'

/** A chain of which the test says what happened. */
export class FakeChain implements ChainView {
  epoch = 5
  readonly #objects = new Map<BlobId, BlobObject[]>()
  readonly #listeners = new Set<(event: WalrusEvent) => void>()
  #serial = 0

  /** Address and shards of each node, for {@link committee}. */
  members: readonly { readonly address: string; readonly shards: readonly number[] }[] = []

  committee(): Committee {
    const keys = { publicKey: new Uint8Array(48), networkKey: new Uint8Array(33) }
    const members = this.members.map((member, at) => ({
      nodeId: parseObjectId(String(at)),
      name: `node-${at}`,
      ...keys,
      ...member,
    }))
    return { epoch: this.epoch, shards: members.flatMap(({ shards }) => shards).length, members }
  }

  registration(blobId: BlobId): Registration | undefined {
    const objects = (this.#objects.get(blobId) ?? []).filter(
      ({ endEpoch }) => endEpoch > this.epoch,
    )
    if (objects.length === 0) return undefined
    const certified = objects.some(({ certifiedEpoch }) => certifiedEpoch !== undefined)
    const endEpoch = Math.max(...objects.map((object) => object.endEpoch))
    return { blobId, size: 0, encodingType: 1, objects, certified, endEpoch }
  }

  *registrations(): Iterable<Registration> {
    for (const blobId of this.#objects.keys()) {
      const registration = this.registration(blobId)
      if (registration) yield registration
    }
  }

  onEvent(listener: (event: WalrusEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get listeners(): number {
    return this.#listeners.size
  }

  register(blobId: BlobId, deletable = true, epochs = 3): ObjectId {
    const objectId = parseObjectId((++this.#serial).toString(16))
    const endEpoch = this.epoch + epochs
    const event = { transaction: `digest${this.#serial}`, sequence: this.#serial }
    const object = { objectId, deletable, endEpoch, event, certifiedEpoch: undefined }
    const objects = this.#objects.get(blobId) ?? []
    objects.push({ ...object, registeredEpoch: this.epoch })
    this.#objects.set(blobId, objects)
    const { epoch } = this
    const about = { id: event, epoch, blobId, objectId, endEpoch, deletable }
    this.#emit({ type: 'BlobRegistered', ...about, size: 0, encodingType: 1 })
    return objectId
  }

  certify(blobId: BlobId): void {
    const objects = this.#objects.get(blobId)!
    this.#objects.set(
      blobId,
      objects.map((object) => ({ ...object, certifiedEpoch: object.certifiedEpoch ?? this.epoch })),
    )
    const { objectId, endEpoch, event, deletable } = objects[0]!
    const { epoch } = this
    this.#emit({
      type: 'BlobCertified',
      id: event,
      epoch,
      blobId,
      objectId,
      endEpoch,
      deletable,
      isExtension: false,
    })
  }

  delete(blobId: BlobId): void {
    const { objectId, endEpoch, event } = this.#objects.get(blobId)![0]!
    this.#objects.delete(blobId)
    const { epoch } = this
    this.#emit({
      type: 'BlobDeleted',
      id: event,
      epoch,
      blobId,
      objectId,
      endEpoch,
      wasCertified: true,
    })
  }

  advanceEpoch(): void {
    this.epoch++
    this.#emit({ type: 'EpochChanged', id: { transaction: 'e', sequence: 0 }, epoch: this.epoch })
  }

  #emit(event: WalrusEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}

/** A blob id that belongs to nothing. */
export const strangeBlobId = blobIdFromU256(0x1234n << 200n)
