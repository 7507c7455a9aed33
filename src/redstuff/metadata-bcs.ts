import { blobIdBytes, blobIdFromBytes } from '../terms/blob-id.ts'
import { hashBytes } from './blake2b.ts'
import { ByteReader, FormatError } from './byte-reader.ts'
import { ByteWriter, ulebBytes } from './byte-writer.ts'
import type { BlobMetadata } from './codec.ts'
import { deriveBlobId, rootHashOf } from './metadata.ts'
import { maxBlobBytes } from './parameters.ts'

/** enum BlobMetadata V1, enum EncodingType RS2, enum MerkleNode Empty and Digest. */
const versionOne = 0
const encodingRs2 = 1
const nodeEmpty = 0
const nodeDigest = 1

/** BlobMetadata in BCS: what a storage node is sent. */
export function encodeMetadata(metadata: BlobMetadata): Uint8Array {
  const { shards, hashes, unencodedLength } = metadata
  const writer = new ByteWriter(10 + ulebBytes(shards) + shards * 2 * (hashBytes + 1))
  writer.u8(versionOne)
  writer.u8(encodingRs2)
  writer.u64(unencodedLength)
  writer.uleb(shards)
  for (let at = 0; at < hashes.length; at += hashBytes) {
    writer.u8(nodeDigest)
    writer.put(hashes.subarray(at, at + hashBytes))
  }
  return writer.bytes
}

/** BlobMetadataWithId in BCS: what a storage node answers. */
export function encodeMetadataWithId(metadata: BlobMetadata): Uint8Array {
  return Buffer.concat([blobIdBytes(metadata.blobId), encodeMetadata(metadata)])
}

function readNode(reader: ByteReader): Uint8Array {
  const kind = reader.u8()
  if (kind === nodeDigest) return reader.bytes(hashBytes)
  throw new FormatError(kind === nodeEmpty ? 'a sliver without a hash' : `a node of kind ${kind}`)
}

function readHashes(reader: ByteReader): Uint8Array {
  const shards = reader.uleb()
  if (shards < 4 || shards > 65535) throw new FormatError(`metadata for ${shards} shards`)
  if (reader.rest < shards * 2 * (hashBytes + 1)) throw new FormatError('metadata cut short')
  const hashes = new Uint8Array(shards * 2 * hashBytes)
  for (let at = 0; at < hashes.length; at += hashBytes) hashes.set(readNode(reader), at)
  return hashes
}

/**
 * Reads BlobMetadata and derives root and blob id from it; whether that is the id that was asked for is the
 * caller's to compare. Throws {@link FormatError}.
 */
export function decodeMetadata(bytes: Uint8Array): BlobMetadata {
  const reader = new ByteReader(bytes)
  if (reader.u8() !== versionOne) throw new FormatError('metadata of an unknown version')
  if (reader.u8() !== encodingRs2) throw new FormatError('metadata of another encoding than RS2')
  const unencodedLength = reader.u64()
  const hashes = readHashes(reader)
  reader.end()
  const shards = hashes.length / (2 * hashBytes)
  if (unencodedLength > maxBlobBytes(shards)) {
    throw new FormatError(`a blob of ${unencodedLength} bytes on ${shards} shards`)
  }
  const rootHash = rootHashOf(hashes)
  return {
    blobId: deriveBlobId(rootHash, unencodedLength),
    rootHash,
    unencodedLength,
    shards,
    hashes,
  }
}

/** Reads BlobMetadataWithId. Throws {@link FormatError}, also when the id is not the one of the hashes. */
export function decodeMetadataWithId(bytes: Uint8Array): BlobMetadata {
  if (bytes.length < 32) throw new FormatError('metadata cut short')
  const metadata = decodeMetadata(bytes.subarray(32))
  const stated = blobIdFromBytes(bytes.subarray(0, 32))
  if (stated !== metadata.blobId) throw new FormatError(`the metadata are not those of ${stated}`)
  return metadata
}
