import type { ObjectId } from '../../terms/object-id.ts'

/** A storage node of a committee. */
export interface StorageNode {
  readonly id: ObjectId
  /** Its place in the committee: its bit in a signers bitmap. */
  readonly index: number
  readonly name: string
  /** Origin of its HTTP door; empty when the chain holds no usable address. */
  readonly url: string
  /** BLS12-381 G1, compressed: 48 bytes. */
  readonly publicKey: Uint8Array
  readonly shards: readonly number[]
}

/** Who stores which shard in one epoch. */
export interface Committee {
  readonly epoch: number
  /** All shards of all nodes. */
  readonly shards: number
  readonly nodes: readonly StorageNode[]
  /** By shard. */
  readonly holders: readonly (StorageNode | undefined)[]
}

/** A committee from its nodes. */
export function committeeOf(
  epoch: number,
  shards: number,
  nodes: readonly StorageNode[],
): Committee {
  const holders = Array.from({ length: shards }, (): StorageNode | undefined => undefined)
  for (const node of nodes) for (const shard of node.shards) holders[shard] = node
  return { epoch, shards, nodes, holders }
}

/** Whether nodes of this weight in shards can certify: 2f + 1 of 3f + 1, as the contract counts. */
export function isQuorum(weight: number, shards: number): boolean {
  return 3 * weight >= 2 * shards + 1
}

/** The weight of nodes without whom no quorum is possible any more. */
export function blocksQuorum(weight: number, shards: number): boolean {
  return !isQuorum(shards - weight, shards)
}

/** `host:port` as a node has put it on chain, as an origin; empty when it is none. */
export function nodeOrigin(scheme: 'http' | 'https', address: string): string {
  const text = `${scheme}://${address}`
  return URL.canParse(text) ? new URL(text).origin : ''
}
