import { blake2b256, hashBytes } from './blake2b.ts'

const leafPrefix = new Uint8Array([0])
const nodePrefix = new Uint8Array([1])

/** Stands for the absent right sibling at the end of an odd level. */
export const emptyNode: Uint8Array = new Uint8Array(hashBytes)

/** The hash of a leaf's bytes. */
export function leafHash(...parts: readonly Uint8Array[]): Uint8Array {
  return blake2b256(leafPrefix, ...parts)
}

/** The hash of an inner node. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return blake2b256(nodePrefix, left, right)
}

/** Node i of a list of hashes back to back; the empty node past the end. */
function nodeAt(nodes: Uint8Array, index: number): Uint8Array {
  const at = index * hashBytes
  return at < nodes.length ? nodes.subarray(at, at + hashBytes) : emptyNode
}

/** The level above: half as many nodes, rounded up. */
function levelAbove(nodes: Uint8Array): Uint8Array {
  const above = new Uint8Array(Math.ceil(nodes.length / (2 * hashBytes)) * hashBytes)
  for (let at = 0, child = 0; at < above.length; at += hashBytes, child += 2) {
    above.set(nodeHash(nodeAt(nodes, child), nodeAt(nodes, child + 1)), at)
  }
  return above
}

/** The root over leaf hashes back to back. */
export function merkleRoot(leaves: Uint8Array): Uint8Array {
  let level = leaves
  while (level.length > hashBytes) level = levelAbove(level)
  return level.length === 0 ? emptyNode : level.slice()
}

/** The siblings of leaf `index` from the leaf level up. */
export function merkleProof(leaves: Uint8Array, index: number): Uint8Array[] {
  const siblings: Uint8Array[] = []
  for (let level = leaves, at = index; level.length > hashBytes; at >>= 1) {
    siblings.push(nodeAt(level, at ^ 1).slice())
    level = levelAbove(level)
  }
  return siblings
}

/**
 * The root that a leaf's hash, its index and its siblings lead to, or undefined where the index does not fit
 * the path.
 */
export function rootFromProof(
  leaf: Uint8Array,
  index: number,
  siblings: readonly Uint8Array[],
): Uint8Array | undefined {
  if (siblings.length > 16 || index >= 2 ** siblings.length) return undefined
  return siblings.reduce(
    (node, sibling, level) =>
      (index >> level) & 1 ? nodeHash(sibling, node) : nodeHash(node, sibling),
    leaf,
  )
}
