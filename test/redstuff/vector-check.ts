import { createHash } from 'node:crypto'
import type { Axis, Codec, EncodedSlivers } from '../../src/redstuff/codec.ts'
import { encodeMetadata } from '../../src/redstuff/metadata-bcs.ts'
import { decodeSliver } from '../../src/redstuff/sliver-bcs.ts'
import { pairOfSliver } from '../../src/redstuff/sliver-pair.ts'
import { inputOf } from './vectors/vector.ts'
import type { Vector } from './vectors/vector.ts'

/** A signal that is never aborted. */
export const never: AbortSignal = new AbortController().signal

function sha256(parts: Iterable<Uint8Array>): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

async function sliversOf(encoded: EncodedSlivers, axis: Axis): Promise<Uint8Array[]> {
  const { shards } = encoded.metadata
  const pairs = Array.from({ length: shards }, (_, pair) => pair)
  return Promise.all(pairs.map(async (pair) => encoded.sliverBcs(pair, axis)))
}

/** Slivers' symbols by sliver index, from their stored form by pair. */
function byIndex(bcs: readonly Uint8Array[], axis: Axis): Uint8Array[] {
  return bcs.map((_, index) => {
    const sliver = decodeSliver(axis, bcs[pairOfSliver(axis, index, bcs.length)]!)
    if (sliver.index !== index) throw new Error(`pair holds ${sliver.index}, not ${index}`)
    return sliver.data
  })
}

/** Everything that a vector of its kind states, as this codec has it. */
export async function stateLike(codec: Codec, vector: Vector): Promise<Partial<Vector>> {
  const bytes = inputOf(vector)
  const encoded = await codec.encode(vector.n, { kind: 'bytes', bytes }, never)
  try {
    const { metadata } = encoded
    const stated = { n: vector.n, size: vector.size, blob_id: metadata.blobId }
    if (vector.root_hash === undefined) return stated
    const primaryBcs = await sliversOf(encoded, 'primary')
    const secondaryBcs = await sliversOf(encoded, 'secondary')
    const [primary, secondary] = [
      byIndex(primaryBcs, 'primary'),
      byIndex(secondaryBcs, 'secondary'),
    ]
    return {
      ...stated,
      root_hash: Buffer.from(metadata.rootHash).toString('hex'),
      metadata_bcs_sha256: sha256([encodeMetadata(metadata)]),
      pair_hashes_sha256: sha256([metadata.hashes]),
      primary_all_sha256: sha256(primary),
      secondary_all_sha256: sha256(secondary),
      primary_bcs_all_sha256: sha256(primaryBcs),
      secondary_bcs_all_sha256: sha256(secondaryBcs),
      ...(vector.primary && {
        primary: primary.map((data) => Buffer.from(data).toString('hex')),
        secondary: secondary.map((data) => Buffer.from(data).toString('hex')),
      }),
    }
  } finally {
    encoded.release()
  }
}
