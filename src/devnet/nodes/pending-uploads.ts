import type { Axis, BlobMetadata, Sliver } from '../../redstuff/codec.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import { cacheSaturated } from './api-error.ts'

const maxAgeMs = 300_000

/** What was sent of a blob that is not registered yet. All of it has been verified. */
export interface PendingBlob {
  readonly metadata: BlobMetadata
  readonly bcs: Uint8Array
  readonly slivers: Map<string, { readonly pair: number; readonly sliver: Sliver }>
  readonly since: number
}

/** Metadata and slivers that came before their registration (`?pending=true`), in memory. */
export class PendingUploads {
  readonly #blobs = new Map<BlobId, PendingBlob>()
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get(blobId: BlobId): PendingBlob | undefined {
    return this.#blobs.get(blobId)
  }

  has(blobId: BlobId, axis: Axis, pair: number): boolean {
    return this.#blobs.get(blobId)?.slivers.has(`${axis} ${pair}`) === true
  }

  /** False when it is there already. Throws CACHE_SATURATED. */
  addMetadata(metadata: BlobMetadata, bcs: Uint8Array): boolean {
    if (this.#blobs.has(metadata.blobId)) return false
    this.#reserve(bcs.length)
    const blob = { metadata, bcs, slivers: new Map(), since: Date.now() }
    this.#blobs.set(metadata.blobId, blob)
    return true
  }

  /** Keeps a copy. False when it is there already or its blob is not. Throws CACHE_SATURATED. */
  addSliver(blobId: BlobId, pair: number, sliver: Sliver): boolean {
    const blob = this.#blobs.get(blobId)
    const key = `${sliver.axis} ${pair}`
    if (!blob || blob.slivers.has(key)) return false
    this.#reserve(sliver.data.length)
    const copy = { ...sliver, data: Uint8Array.from(sliver.data) }
    blob.slivers.set(key, { pair, sliver: copy })
    return true
  }

  /** Hands over what there is of a blob and forgets it. */
  take(blobId: BlobId): PendingBlob | undefined {
    const blob = this.#blobs.get(blobId)
    if (!blob) return undefined
    this.#blobs.delete(blobId)
    this.#bytes -= bytesOf(blob)
    return blob
  }

  #reserve(bytes: number): void {
    if (this.#bytes + bytes > this.#maxBytes) this.#dropOld()
    if (this.#bytes + bytes > this.#maxBytes) throw cacheSaturated()
    this.#bytes += bytes
  }

  #dropOld(): void {
    const oldest = Date.now() - maxAgeMs
    for (const [blobId, { since }] of this.#blobs) if (since < oldest) this.take(blobId)
  }
}

function bytesOf({ bcs, slivers }: PendingBlob): number {
  return [...slivers.values()].reduce((sum, { sliver }) => sum + sliver.data.length, bcs.length)
}
