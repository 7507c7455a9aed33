import { LRUCache } from 'lru-cache'
import type { Clock } from '../../runtime/clock.ts'
import { CodecPriority } from '../../redstuff/codec.ts'
import type { BlobMetadata, Codec, Sliver } from '../../redstuff/codec.ts'
import { codeParameters } from '../../redstuff/parameters.ts'
import { shardOfPair } from '../../redstuff/sliver-pair.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import { sliverBcsBytes } from '../../redstuff/sliver-bcs.ts'
import type { ByteBudget } from '../byte-budget.ts'
import { StoreError, type RowCounts } from '../blob-store.ts'
import type { WalrusState } from '../chain/walrus-chain.ts'
import type { StorageNode } from '../nodes/committee.ts'
import { NodeError } from '../nodes/node-error.ts'
import type { StorageNodes } from '../nodes/storage-nodes.ts'
import { SharedFlight } from '../shared-flight.ts'
import type { SliverBuffers } from '../sliver-buffers.ts'
import type { BlobDecoder } from './blob-decoder.ts'
import { serving } from './metadata-reader.ts'
import type { RowRecovery } from './row-recovery.ts'
import { firstOf } from './ways.ts'
import type { Way } from './ways.ts'

export interface RowReaderParts {
  readonly nodes: StorageNodes
  readonly codec: Codec
  readonly recovery: RowRecovery
  readonly decoder: BlobDecoder
  /** For rows on their way. */
  readonly budget: ByteBudget
  /** For rows on their way and rows that are kept. */
  readonly buffers: SliverBuffers
  /** Reads a whole blob by other means, when nothing else helped. */
  readonly lastResort: (metadata: BlobMetadata, signal: AbortSignal) => Promise<Uint8Array>
  /** Bytes of verified rows to keep. */
  readonly keptBytes: number
  /** Rebuilding a row from symbols may take so long before the whole blob is fetched beside it. */
  readonly rebuildMs: number
  readonly clock: Clock
}

/** A verified row, and the memory that it lies in where that may be used again. */
interface Row {
  readonly data: Uint8Array
  readonly came: keyof RowCounts
  buffer?: Uint8Array
}

/**
 * Verified rows of blobs. A row is a primary sliver, which the systematic code leaves as plain bytes: row r holds the
 * bytes from r times its length on (redstuff.md 1). Asked of the node that has it; else rebuilt.
 */
export class RowReader {
  readonly #parts: RowReaderParts
  readonly #flights = new SharedFlight<string, Row>()
  readonly #kept: LRUCache<string, Row>
  readonly #counts = { fetched: 0, rebuilt: 0, decoded: 0 }

  constructor(parts: RowReaderParts) {
    this.#parts = parts
    this.#kept = new LRUCache({
      maxSize: Math.max(parts.keptBytes, 1),
      sizeCalculation: ({ data }) => data.length,
      dispose: (row) => this.#letGo(row),
    })
  }

  get counts(): RowCounts {
    return { ...this.#counts }
  }

  /**
   * Throws StoreError. The bytes are not to be changed, and to be used in the turn of the event loop in which they come:
   * later their memory may hold another row.
   */
  async row(
    state: WalrusState,
    metadata: BlobMetadata,
    row: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    signal.throwIfAborted()
    const key = keyOf(metadata.blobId, row)
    const kept = this.#kept.get(key)
    if (kept) return kept.data
    const fetch = (flight: AbortSignal) => this.#fetch(state, metadata, row, flight)
    return (await this.#flights.run(key, fetch, signal)).data
  }

  #keep(key: string, row: Row): void {
    if (row.data.length <= this.#kept.maxSize) this.#kept.set(key, row)
    else this.#letGo(row)
  }

  /** Those who wait for the row are served before this turn ends. */
  #letGo(row: Row): void {
    setImmediate(() => {
      if (row.buffer) this.#parts.buffers.give(row.buffer)
    })
  }

  async #fetch(
    state: WalrusState,
    metadata: BlobMetadata,
    row: number,
    signal: AbortSignal,
  ): Promise<Row> {
    const { budget } = this.#parts
    const bytes = rowBytesOf(metadata)
    await budget.take(bytes, signal)
    try {
      const found = await firstOf(this.#ways(state, metadata, row), signal, { giveUp: verdictOf })
      this.#counts[found.came]++
      this.#keep(keyOf(metadata.blobId, row), found)
      return found
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof StoreError) throw error
      const text = `row ${row} of blob ${metadata.blobId} cannot be had`
      throw new StoreError('unreachable', text, { cause: error })
    } finally {
      budget.give(bytes)
    }
  }

  #ways(state: WalrusState, metadata: BlobMetadata, row: number): Way<Row>[] {
    const { health } = this.#parts.nodes
    const holders = holdersOf(state, metadata, row)
    const good = holders.filter((node) => health.askFirst(node))
    const bad = holders.filter((node) => !good.includes(node))
    const direct = (node: StorageNode): Way<Row> => this.#direct(metadata, row, node)
    const recover = {
      patienceMs: this.#parts.rebuildMs,
      go: async (signal: AbortSignal) => ({
        data: await this.#rebuild(state, metadata, row, holders, signal),
        came: 'rebuilt' as const,
      }),
    }
    const decode = {
      patienceMs: Infinity,
      go: async (signal: AbortSignal) => ({
        data: await this.#decode(state, metadata, row, signal),
        came: 'decoded' as const,
      }),
    }
    return [...good.map(direct), recover, ...bad.map(direct), decode]
  }

  #direct(metadata: BlobMetadata, row: number, node: StorageNode): Way<Row> {
    const { nodes, clock } = this.#parts
    let started = 0
    return {
      patienceMs: nodes.health.patienceMs(node),
      outrun: () => nodes.health.outrun(node, clock.now() - started),
      go: async (signal) => {
        started = clock.now()
        return this.#ask(metadata, row, node, signal)
      },
    }
  }

  async #ask(
    metadata: BlobMetadata,
    row: number,
    node: StorageNode,
    signal: AbortSignal,
  ): Promise<Row> {
    const { nodes, codec, buffers } = this.#parts
    const { blobId } = metadata
    const bytes = rowBytesOf(metadata)
    const buffer = buffers.take(sliverBcsBytes(bytes))
    try {
      const sliver = await nodes.sliver(node, blobId, row, 'primary', bytes, signal, buffer)
      const options = { priority: CodecPriority.read }
      const [good] = await codec.verify(metadata, [sliver], signal, options)
      signal.throwIfAborted()
      if (good && sliver.index === row) return { data: sliver.data, buffer, came: 'fetched' }
      nodes.health.lied(node, `primary sliver ${row}`, blobId)
      throw new NodeError('bad-answer', `primary sliver ${row} does not verify`)
    } catch (error) {
      buffers.lost(buffer)
      throw error
    }
  }

  #rebuild(
    state: WalrusState,
    metadata: BlobMetadata,
    row: number,
    holders: readonly StorageNode[],
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const { health } = this.#parts.nodes
    const others = serving(state).filter((node) => !holders.includes(node))
    // Whoever lied about the row may be right about a symbol, and it may take every one of them.
    const helpers = [...health.sorted(others), ...holders]
    return this.#parts.recovery.rebuild(metadata, row, helpers, signal)
  }

  async #decode(
    state: WalrusState,
    metadata: BlobMetadata,
    row: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const whole = await this.#whole(state, metadata, signal)
    const { primarySymbols, primarySliverBytes } = codeOf(metadata)
    // The last row is padded with zeros.
    const padded = (index: number): Uint8Array => {
      const from = index * primarySliverBytes
      const data = whole.slice(from, from + primarySliverBytes)
      if (data.length === primarySliverBytes) return data
      return Buffer.concat([data], primarySliverBytes)
    }
    for (let index = 0; index < primarySymbols; index++) {
      const key = keyOf(metadata.blobId, index)
      if (whole.length <= this.#kept.maxSize)
        this.#keep(key, { data: padded(index), came: 'decoded' })
    }
    return padded(row)
  }

  async #whole(
    state: WalrusState,
    metadata: BlobMetadata,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const { decoder, lastResort } = this.#parts
    try {
      return await decoder.decode(state, metadata, this.#rowsAtHand(metadata), signal)
    } catch (error) {
      if (!(error instanceof StoreError && error.code === 'corrupt')) throw error
      signal.throwIfAborted()
      return await lastResort(metadata, signal).catch(() => {
        throw error
      })
    }
  }

  /** Used for longer than a turn: their memory is not used again. */
  #rowsAtHand(metadata: BlobMetadata): Sliver[] {
    const { primarySymbols, symbolBytes } = codeOf(metadata)
    const rows: Sliver[] = []
    for (let index = 0; index < primarySymbols; index++) {
      const row = this.#kept.get(keyOf(metadata.blobId, index))
      if (!row) continue
      if (row.buffer) this.#parts.buffers.lost(row.buffer)
      delete row.buffer
      rows.push({ axis: 'primary', index, symbolBytes, data: row.data })
    }
    return rows
  }
}

/** What the nodes together say of the blob ends the search; that some are silent does not. */
function verdictOf(error: unknown): StoreError | undefined {
  return error instanceof StoreError && error.code !== 'unreachable' ? error : undefined
}

/** Bytes of a row. */
export function rowBytesOf(metadata: BlobMetadata): number {
  return codeOf(metadata).primarySliverBytes
}

function codeOf(metadata: BlobMetadata): ReturnType<typeof codeParameters> {
  return codeParameters(metadata.shards, metadata.unencodedLength)
}

function keyOf(blob: BlobId, row: number): string {
  return `${blob}/${row}`
}

/** Who holds the row now, and who held it before if shards are still moving. */
function holdersOf(state: WalrusState, metadata: BlobMetadata, row: number): StorageNode[] {
  const shard = shardOfPair(metadata.blobId, row, metadata.shards)
  const now = state.committee.holders[shard]
  const before = state.previous?.holders[shard]
  const known = [now, before].filter((node) => node !== undefined)
  return now && before && now.id === before.id ? [now] : known
}
