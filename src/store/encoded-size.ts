import { codeParameters } from '../redstuff/parameters.ts'

/** Bytes of a hash, and of a hash pair's share in the metadata that every shard keeps. */
const hashBytes = 32
const unitBytes = 1 << 20

/** What a blob takes on all shards together, metadata included: what storage is bought by. */
export function encodedBytes(shards: number, unencodedBytes: number): number {
  const { primarySliverBytes, secondarySliverBytes } = codeParameters(shards, unencodedBytes)
  const metadataBytes = shards * 2 * hashBytes + hashBytes
  return shards * (primarySliverBytes + secondarySliverBytes + metadataBytes)
}

/** MiB begun: what prices are per. */
export function storageUnits(encoded: number): bigint {
  return BigInt(Math.ceil(encoded / unitBytes))
}
