import type { BlobStore } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'

/** What a view needs of the store. */
export type ReadableStore = Pick<BlobStore, 'read' | 'column' | 'size' | 'limits'>

/**
 * Bytes that never change, in an order of their own, each checked before it is given. A name means the same bytes everywhere
 * and for ever, so caches go by it. Throws StoreError.
 */
export interface View {
  readonly name: string
  size(signal: AbortSignal): Promise<number>
  /** [offset, offset + length), clipped at the end. */
  read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array>
}

/** A blob as it is. */
export class BlobView implements View {
  readonly name: string
  readonly #store: ReadableStore
  readonly #blob: BlobId

  constructor(store: ReadableStore, blob: BlobId) {
    this.name = `blob:${blob}`
    this.#store = store
    this.#blob = blob
  }

  size(signal: AbortSignal): Promise<number> {
    return this.#store.size(this.#blob, signal)
  }

  read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.#store.read(this.#blob, offset, length, signal)
  }
}

/** The size of another view as eight bytes, little endian: so that it can be cached, too. */
export class SizeView implements View {
  readonly name: string
  readonly #of: View

  constructor(of: View) {
    this.name = `size:${of.name}`
    this.#of = of
  }

  async size(): Promise<number> {
    return 8
  }

  async read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(BigInt(await this.#of.size(signal)))
    return bytes.subarray(offset, offset + length)
  }
}
