import type { Clock } from '../../runtime/clock.ts'
import { CodecPriority } from '../../redstuff/codec.ts'
import type { BlobMetadata, CodeParameters, Codec } from '../../redstuff/codec.ts'
import { codeParameters } from '../../redstuff/parameters.ts'
import { pairOfSliver, shardOfPair } from '../../redstuff/sliver-pair.ts'
import type { ByteBudget } from '../byte-budget.ts'
import { StoreError } from '../blob-store.ts'
import type { WalrusState } from '../chain/walrus-chain.ts'
import type { StorageNode } from '../nodes/committee.ts'
import { NodeError } from '../nodes/node-error.ts'
import type { StorageNodes } from '../nodes/storage-nodes.ts'
import type { RowReader } from './row-reader.ts'
import { firstOf } from './ways.ts'
import type { Way } from './ways.ts'

export interface ColumnReaderParts {
  readonly nodes: StorageNodes
  readonly codec: Codec
  readonly rows: RowReader
  /** For columns on their way. */
  readonly budget: ByteBudget
  readonly clock: Clock
}

/** Rows that are read at a time for one column. */
const rowsAtATime = 8

/**
 * Verified columns of blobs: what a quilt's files lie in. A column is a secondary sliver, which the systematic code leaves as
 * plain bytes, too. Asked of the node that has it; else cut out of all rows.
 */
export class ColumnReader {
  readonly #parts: ColumnReaderParts

  constructor(parts: ColumnReaderParts) {
    this.#parts = parts
  }

  /** Its symbols one below the other, padded with zeros behind the blob's end. Throws StoreError. */
  async column(
    state: WalrusState,
    metadata: BlobMetadata,
    column: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const { budget } = this.#parts
    const code = codeParameters(metadata.shards, metadata.unencodedLength)
    if (!(Number.isInteger(column) && column >= 0 && column < code.secondarySymbols)) {
      throw new RangeError(`a blob of ${code.secondarySymbols} columns has no column ${column}`)
    }
    await budget.take(code.secondarySliverBytes, signal)
    try {
      return await firstOf(this.#ways(state, metadata, code, column), signal)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof StoreError) throw error
      const text = `column ${column} of blob ${metadata.blobId} cannot be had`
      throw new StoreError('unreachable', text, { cause: error })
    } finally {
      budget.give(code.secondarySliverBytes)
    }
  }

  #ways(
    state: WalrusState,
    metadata: BlobMetadata,
    code: CodeParameters,
    column: number,
  ): Way<Uint8Array>[] {
    const { health } = this.#parts.nodes
    const pair = pairOfSliver('secondary', column, metadata.shards)
    const shard = shardOfPair(metadata.blobId, pair, metadata.shards)
    const holder = state.committee.holders[shard]
    const rows = {
      patienceMs: Infinity,
      go: (signal: AbortSignal) => this.#fromRows(state, metadata, code, column, signal),
    }
    if (!holder || !health.askFirst(holder)) return [rows]
    return [this.#direct(metadata, code, column, holder), rows]
  }

  #direct(
    metadata: BlobMetadata,
    code: CodeParameters,
    column: number,
    node: StorageNode,
  ): Way<Uint8Array> {
    const { nodes, clock } = this.#parts
    let started = 0
    return {
      patienceMs: nodes.health.patienceMs(node),
      outrun: () => nodes.health.outrun(node, clock.now() - started),
      go: async (signal) => {
        started = clock.now()
        return this.#ask(metadata, code, column, node, signal)
      },
    }
  }

  async #ask(
    metadata: BlobMetadata,
    { secondarySliverBytes }: CodeParameters,
    column: number,
    node: StorageNode,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const { nodes, codec } = this.#parts
    const { blobId, shards } = metadata
    const pair = pairOfSliver('secondary', column, shards)
    const sliver = await nodes.sliver(node, blobId, pair, 'secondary', secondarySliverBytes, signal)
    const options = { priority: CodecPriority.read }
    const [good] = await codec.verify(metadata, [sliver], signal, options)
    signal.throwIfAborted()
    if (good && sliver.index === column) return sliver.data
    nodes.health.lied(node, `secondary sliver ${column}`, blobId)
    throw new NodeError('bad-answer', `secondary sliver ${column} does not verify`)
  }

  async #fromRows(
    state: WalrusState,
    metadata: BlobMetadata,
    { primarySymbols, symbolBytes, secondarySliverBytes }: CodeParameters,
    column: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const bytes = new Uint8Array(secondarySliverBytes)
    let next = 0
    const work = async (): Promise<void> => {
      for (let row = next++; row < primarySymbols; row = next++) {
        const data = await this.#parts.rows.row(state, metadata, row, signal)
        const from = column * symbolBytes
        bytes.set(data.subarray(from, from + symbolBytes), row * symbolBytes)
      }
    }
    await Promise.all(Array.from({ length: rowsAtATime }, work))
    return bytes
  }
}
