import { blobIdBytes } from '../terms/blob-id.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { Axis } from './codec.ts'

/** The pair in which a sliver is stored: primary i lies in pair i, secondary j in pair n − 1 − j. */
export function pairOfSliver(axis: Axis, index: number, shards: number): number {
  return axis === 'primary' ? index : shards - 1 - index
}

/** The sliver of an axis that a pair holds: the inverse of {@link pairOfSliver}. */
export function sliverOfPair(axis: Axis, pair: number, shards: number): number {
  return axis === 'primary' ? pair : shards - 1 - pair
}

/** By how much a blob's pairs are turned against the shards: its id, big endian, modulo n. */
function rotation(blob: BlobId, shards: number): number {
  return blobIdBytes(blob).reduce((rest, byte) => (rest * 256 + byte) % shards, 0)
}

/** The shard that stores a pair of this blob. */
export function shardOfPair(blob: BlobId, pair: number, shards: number): number {
  return (pair + rotation(blob, shards)) % shards
}

/** The pair of this blob that a shard stores. */
export function pairOfShard(blob: BlobId, shard: number, shards: number): number {
  return (shards + shard - rotation(blob, shards)) % shards
}
