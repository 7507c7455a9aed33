import { blobIdFromBytes } from '../terms/blob-id.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { blake2b256, hashBytes } from './blake2b.ts'
import type { Axis, BlobMetadata } from './codec.ts'
import { leafHash, merkleRoot } from './merkle.ts'
import { maxBlobBytes } from './parameters.ts'
import { pairOfSliver } from './sliver-pair.ts'

const pairBytes = 2 * hashBytes
const encodingType = 1

/** The root over all pairs of sliver hashes. */
export function rootHashOf(hashes: Uint8Array): Uint8Array {
  const leaves = new Uint8Array(hashes.length / 2)
  for (let at = 0, leaf = 0; at < hashes.length; at += pairBytes, leaf += hashBytes) {
    leaves.set(leafHash(hashes.subarray(at, at + pairBytes)), leaf)
  }
  return merkleRoot(leaves)
}

/** The blob id that a root and a length give. */
export function deriveBlobId(rootHash: Uint8Array, unencodedLength: number): BlobId {
  const head = new Uint8Array(9)
  head[0] = encodingType
  new DataView(head.buffer).setBigUint64(1, BigInt(unencodedLength), true)
  return blobIdFromBytes(blake2b256(head, rootHash))
}

/** Metadata from the hashes of all slivers, by pair. */
export function metadataFromHashes(hashes: Uint8Array, unencodedLength: number): BlobMetadata {
  const rootHash = rootHashOf(hashes)
  const blobId = deriveBlobId(rootHash, unencodedLength)
  return { blobId, rootHash, unencodedLength, shards: hashes.length / pairBytes, hashes }
}

/** Whether id, root, hashes and length belong together and describe a blob that can exist. */
export function metadataIsSound(metadata: BlobMetadata): boolean {
  const { blobId, rootHash, unencodedLength, shards, hashes } = metadata
  if (shards < 4 || hashes.length !== shards * pairBytes) return false
  if (!(unencodedLength >= 0 && unencodedLength <= maxBlobBytes(shards))) return false
  const root = rootHashOf(hashes)
  return Buffer.compare(root, rootHash) === 0 && deriveBlobId(root, unencodedLength) === blobId
}

/** The hash that authenticates one sliver. */
export function sliverHash(metadata: BlobMetadata, axis: Axis, index: number): Uint8Array {
  const pair = pairOfSliver(axis, index, metadata.shards)
  const at = pair * pairBytes + (axis === 'primary' ? 0 : hashBytes)
  return metadata.hashes.subarray(at, at + hashBytes)
}
