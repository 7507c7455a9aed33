import { LRUCache } from 'lru-cache'
import { FormatError } from '../../redstuff/byte-reader.ts'
import type { BlobMetadata } from '../../redstuff/codec.ts'
import { decodeMetadata } from '../../redstuff/metadata-bcs.ts'
import { maxBlobBytes } from '../../redstuff/parameters.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import { ApiError, invalidMetadata, notBcs, unsupportedEncoding } from './api-error.ts'

const encodingRs2 = 1

/**
 * Reads blob metadata and checks them against the blob id. One for all nodes of a devnet, as each of them is sent the
 * same bytes: what was checked lately is compared instead of hashed again.
 */
export class MetadataReader {
  readonly #shards: number
  readonly #lately = new LRUCache<BlobId, { bcs: Uint8Array; metadata: BlobMetadata }>({ max: 64 })

  constructor(shards: number) {
    this.#shards = shards
  }

  /** Throws the {@link ApiError} that a node answers when these are not the metadata of this blob. */
  read(blobId: BlobId, bcs: Uint8Array): BlobMetadata {
    const known = this.#lately.get(blobId)
    if (known && Buffer.compare(known.bcs, bcs) === 0) return known.metadata
    const metadata = this.#decode(bcs)
    if (metadata.blobId !== blobId) {
      throw invalidMetadata('the blob ID does not match the provided metadata')
    }
    this.#lately.set(blobId, { bcs, metadata })
    return metadata
  }

  #decode(bcs: Uint8Array): BlobMetadata {
    const encodingType = bcs[1]
    if (encodingType === 0) throw unsupportedEncoding(encodingType)
    this.#checkLength(bcs)
    try {
      return this.#checkShards(decodeMetadata(bcs))
    } catch (error) {
      if (error instanceof ApiError) throw error
      throw error instanceof FormatError ? notBcs({ cause: error }) : error
    }
  }

  #checkLength(bcs: Uint8Array): void {
    if (bcs.length < 10 || bcs[1] !== encodingRs2) return
    const length = new DataView(bcs.buffer, bcs.byteOffset).getBigUint64(2, true)
    if (length > BigInt(maxBlobBytes(this.#shards))) {
      throw invalidMetadata('the unencoded blob length is too large for the given config')
    }
  }

  #checkShards(metadata: BlobMetadata): BlobMetadata {
    if (metadata.shards === this.#shards) return metadata
    throw invalidMetadata(
      `the metadata contained an invalid number of hashes (expected ${this.#shards}): ${metadata.shards}`,
    )
  }
}
