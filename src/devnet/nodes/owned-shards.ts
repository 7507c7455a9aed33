import { pairOfShard, shardOfPair } from '../../redstuff/sliver-pair.ts'
import type { BlobId } from '../../terms/blob-id.ts'

/** The shards of one node among all. A slot is the place of a shard in the node's own list. */
export class OwnedShards {
  /** Ascending. */
  readonly list: readonly number[]
  /** Shards of the network. */
  readonly total: number
  readonly #slots: ReadonlyMap<number, number>

  constructor(list: readonly number[], total: number) {
    this.list = list.toSorted((a, b) => a - b)
    this.total = total
    this.#slots = new Map(this.list.map((shard, slot) => [shard, slot]))
  }

  /** Which shard keeps a sliver pair of a blob. */
  shardOfPair(blobId: BlobId, pair: number): number {
    return shardOfPair(blobId, pair, this.total)
  }

  /** Where the node keeps a sliver pair of a blob; undefined when that is another node's. */
  slotOfPair(blobId: BlobId, pair: number): number | undefined {
    return this.#slots.get(shardOfPair(blobId, pair, this.total))
  }

  /** The pairs of a blob that the node keeps, by slot. */
  pairs(blobId: BlobId): number[] {
    return this.list.map((shard) => pairOfShard(blobId, shard, this.total))
  }
}
