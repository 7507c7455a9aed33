import type { Axis, BlobMetadata, CodeParameters, EncodedSlivers } from '../codec.ts'
import { metadataFromHashes } from '../metadata.ts'
import { codeParameters, sliverBytes } from '../parameters.ts'
import { blankSliverBcs } from '../sliver-bcs.ts'
import { sliverOfPair } from '../sliver-pair.ts'
import { extendBlob, sliverHashes, sliverOfMatrix } from './matrix.ts'

/** A blob's matrix and metadata; hashes are left out where the metadata are known. */
export function* encodeBlob(
  parameters: CodeParameters,
  blob: Uint8Array,
  known: BlobMetadata | undefined,
): Generator<void, { metadata: BlobMetadata; matrix: Uint8Array }> {
  const matrix = yield* extendBlob(parameters, blob)
  if (known) return { metadata: known, matrix }
  const hashes = yield* sliverHashes(parameters, matrix)
  return { metadata: metadataFromHashes(hashes, blob.length), matrix }
}

/** Slivers cut out of a whole matrix. */
export class MatrixSlivers implements EncodedSlivers {
  readonly metadata: BlobMetadata
  readonly #parameters: CodeParameters
  #matrix: Uint8Array | undefined

  constructor(metadata: BlobMetadata, matrix: Uint8Array) {
    this.metadata = metadata
    this.#parameters = codeParameters(metadata.shards, metadata.unencodedLength)
    this.#matrix = matrix
  }

  sliverBcs(pair: number, axis: Axis, into?: Uint8Array): Uint8Array {
    if (!this.#matrix) throw new Error('the slivers have been released')
    const index = sliverOfPair(axis, pair, this.metadata.shards)
    const bytes = sliverBytes(this.#parameters, axis)
    const { bcs, data } = blankSliverBcs(index, this.#parameters.symbolBytes, bytes, into)
    sliverOfMatrix(this.#parameters, this.#matrix, axis, index, data)
    return bcs
  }

  release(): void {
    this.#matrix = undefined
  }
}
