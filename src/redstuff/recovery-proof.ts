import type { Axis, BlobMetadata } from './codec.ts'
import { leafHash, rootFromProof } from './merkle.ts'
import { sliverHash } from './metadata.ts'

/**
 * Whether a symbol that came with a proof is the one that sliver `source` (of `sourceAxis`) holds where it crosses
 * sliver `target` of the other axis.
 */
export function verifyRecoverySymbol(
  metadata: BlobMetadata,
  sourceAxis: Axis,
  source: number,
  target: number,
  data: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  const { shards } = metadata
  if (source < 0 || source >= shards || target < 0 || target >= shards) return false
  if (2 ** proof.length >= 2 * shards || proof.some((node) => node.length !== 32)) return false
  const root = rootFromProof(leafHash(data), target, proof)
  return root !== undefined && Buffer.compare(root, sliverHash(metadata, sourceAxis, source)) === 0
}
