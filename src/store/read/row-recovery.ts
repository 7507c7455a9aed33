import { CodecError, CodecPriority } from '../../redstuff/codec.ts'
import type { BlobMetadata, Codec, DecodingSymbol } from '../../redstuff/codec.ts'
import { codeParameters } from '../../redstuff/parameters.ts'
import { verifyRecoverySymbol } from '../../redstuff/recovery-proof.ts'
import { pairOfSliver, shardOfPair } from '../../redstuff/sliver-pair.ts'
import type { StorageNode } from '../nodes/committee.ts'
import { NodeError } from '../nodes/node-error.ts'
import type { StorageNodes } from '../nodes/storage-nodes.ts'
import { gather } from './gather.ts'

/** Shards asked beyond those needed, so that one late node does not hold up the row. */
const spareShards = 1

type Ask = (
  node: StorageNode,
  add: (symbol: DecodingSymbol) => void,
  signal: AbortSignal,
) => Promise<void>

/**
 * Rebuilds one row (a primary sliver) whose node is down or lies from the symbols where it crosses the secondary
 * slivers of the other nodes: about one row of traffic.
 */
export class RowRecovery {
  readonly #nodes: StorageNodes
  readonly #codec: Codec

  constructor(nodes: StorageNodes, codec: Codec) {
    this.#nodes = nodes
    this.#codec = codec
  }

  /** The row, checked against the metadata. Throws NodeError when too few nodes help. */
  async rebuild(
    metadata: BlobMetadata,
    row: number,
    helpers: readonly StorageNode[],
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const job = new Recovery(this.#nodes, metadata, row, helpers)
    try {
      return await this.#recover(metadata, row, await job.stated(signal), signal)
    } catch (error) {
      if (!(error instanceof CodecError && error.code === 'mismatch')) throw error
    }
    // Some node lied, and the row does not tell which: ask again, with proofs.
    return this.#recover(metadata, row, await job.proven(signal), signal)
  }

  async #recover(
    metadata: BlobMetadata,
    index: number,
    symbols: readonly DecodingSymbol[],
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const target = { axis: 'primary', index } as const
    const options = { priority: CodecPriority.read }
    return (await this.#codec.recover(metadata, target, symbols, signal, options)).data
  }
}

class Recovery {
  readonly #nodes: StorageNodes
  readonly #metadata: BlobMetadata
  readonly #row: number
  readonly #helpers: readonly StorageNode[]
  readonly #needed: number
  readonly #symbolBytes: number

  constructor(
    nodes: StorageNodes,
    metadata: BlobMetadata,
    row: number,
    helpers: readonly StorageNode[],
  ) {
    this.#nodes = nodes
    this.#metadata = metadata
    this.#row = row
    this.#helpers = helpers
    const code = codeParameters(metadata.shards, metadata.unencodedLength)
    this.#needed = code.secondarySymbols
    this.#symbolBytes = code.symbolBytes
  }

  /** Symbols as the nodes state them; a lie shows when the row is rebuilt. */
  stated(signal: AbortSignal): Promise<DecodingSymbol[]> {
    return this.#gather(async (node, add, own) => {
      const { blobId } = this.#metadata
      const target = { axis: 'primary', index: this.#row } as const
      const answer = await this.#nodes.decodingSymbols(node, blobId, target, this.#symbolBytes, own)
      const mine = answer.find(({ target: row, helps }) => row === this.#row && helps === 'primary')
      for (const symbol of mine?.symbols ?? []) add(symbol)
    }, signal)
  }

  /** Symbols with proofs, only the true ones: dearer, and it finds the liars. */
  proven(signal: AbortSignal): Promise<DecodingSymbol[]> {
    return this.#gather(async (node, add, own) => {
      const { blobId } = this.#metadata
      const target = { axis: 'primary', index: this.#row } as const
      const answer = await this.#nodes.recoverySymbols(node, blobId, target, this.#symbolBytes, own)
      const lies = answer.filter(({ index, data, proof }) => {
        const row = this.#row
        return !verifyRecoverySymbol(this.#metadata, 'secondary', index, row, data, proof)
      })
      if (lies.length > 0) this.#nodes.health.lied(node, 'a symbol', blobId)
      for (const symbol of answer) if (!lies.includes(symbol)) add(symbol)
    }, signal)
  }

  async #gather(ask: Ask, signal: AbortSignal): Promise<DecodingSymbol[]> {
    const symbols = new Map<number, DecodingSymbol>()
    const contributions = this.#helpers.map((node) => ({
      patienceMs: this.#nodes.health.patienceMs(node),
      go: (own: AbortSignal) => ask(node, (symbol) => this.#admit(symbols, node, symbol), own),
    }))
    const enough = (): boolean => symbols.size >= this.#needed
    await gather(contributions, this.#width(), enough, signal)
    if (enough()) return [...symbols.values()].slice(0, this.#needed)
    const text = `${symbols.size} of ${this.#needed} symbols for row ${this.#row}`
    throw new NodeError('unreachable', text)
  }

  /** Only what this node can have: a symbol of a column that it holds, of the right length. */
  #admit(symbols: Map<number, DecodingSymbol>, node: StorageNode, symbol: DecodingSymbol): void {
    const { blobId, shards } = this.#metadata
    const { index, data } = symbol
    if (index >= shards || data.length !== this.#symbolBytes) return
    const shard = shardOfPair(blobId, pairOfSliver('secondary', index, shards), shards)
    if (node.shards.includes(shard)) symbols.set(index, symbol)
  }

  /** How many of the helpers hold enough shards together. */
  #width(): number {
    let shards = 0
    const enough = this.#needed + spareShards
    const at = this.#helpers.findIndex((node) => (shards += node.shards.length) >= enough)
    return at < 0 ? this.#helpers.length : at + 1
  }
}
