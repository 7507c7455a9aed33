import PQueue from 'p-queue'
import { CodecError, CodecPriority } from '../../redstuff/codec.ts'
import type { BlobMetadata, Codec, Sliver } from '../../redstuff/codec.ts'
import { codeParameters } from '../../redstuff/parameters.ts'
import { pairOfShard } from '../../redstuff/sliver-pair.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import { StoreError } from '../blob-store.ts'
import type { WalrusState } from '../chain/walrus-chain.ts'
import type { StorageNode } from '../nodes/committee.ts'
import { NodeError } from '../nodes/node-error.ts'
import type { StorageNodes } from '../nodes/storage-nodes.ts'
import { SharedFlight } from '../shared-flight.ts'
import { gather } from './gather.ts'
import { Refusals, serving } from './metadata-reader.ts'

/** Slivers fetched at a time. */
const width = 24

/**
 * Rebuilds a whole blob from any third of its rows: when a row can be had neither from its node nor from the symbols of
 * the others. One blob at a time, since a blob is held whole.
 */
export class BlobDecoder {
  readonly #nodes: StorageNodes
  readonly #codec: Codec
  readonly #flights = new SharedFlight<BlobId, Uint8Array>()
  readonly #queue = new PQueue({ concurrency: 1 })

  constructor(nodes: StorageNodes, codec: Codec) {
    this.#nodes = nodes
    this.#codec = codec
  }

  /** The blob's bytes. `rows`: verified ones at hand. Throws StoreError with the reason when there are too few. */
  decode(
    state: WalrusState,
    metadata: BlobMetadata,
    rows: readonly Sliver[],
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const work = (flight: AbortSignal) =>
      this.#queue.add(() => this.#decode(state, metadata, rows, flight), { signal: flight })
    return this.#flights.run(metadata.blobId, work, signal)
  }

  async #decode(
    state: WalrusState,
    metadata: BlobMetadata,
    rows: readonly Sliver[],
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const harvest = new Harvest(state, metadata, rows)
    const contributions = this.#nodes.health
      .sorted(serving(state))
      .flatMap((node) => node.shards.map((shard) => ({ node, shard })))
      .map(({ node, shard }) => ({
        patienceMs: this.#nodes.health.patienceMs(node),
        go: (own: AbortSignal) => this.#fetch(harvest, node, shard, own),
      }))
    await gather(contributions, width, () => harvest.enough, signal)
    if (!harvest.enough) throw harvest.failure()
    const options = { priority: CodecPriority.read }
    try {
      return await this.#codec.decode(metadata, harvest.slivers, 'default', signal, options)
    } catch (error) {
      if (!(error instanceof CodecError && error.code === 'mismatch')) throw error
      const text = `blob ${metadata.blobId} was encoded inconsistently by whoever stored it`
      throw new StoreError('corrupt', text, { cause: error })
    }
  }

  async #fetch(
    harvest: Harvest,
    node: StorageNode,
    shard: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { metadata, sliverBytes } = harvest
    const { blobId, shards } = metadata
    const index = pairOfShard(blobId, shard, shards)
    if (harvest.has(index)) return
    try {
      const sliver = await this.#nodes.sliver(node, blobId, index, 'primary', sliverBytes, signal)
      const options = { priority: CodecPriority.read }
      const [good] = await this.#codec.verify(metadata, [sliver], signal, options)
      if (good && sliver.index === index) return harvest.add(sliver)
      this.#nodes.health.lied(node, `primary sliver ${index}`, blobId)
      throw new NodeError('bad-answer', `primary sliver ${index} does not verify`)
    } catch (error) {
      if (!signal.aborted) harvest.refused(node, error)
    }
  }
}

/** What has been gathered of a blob. */
class Harvest {
  readonly metadata: BlobMetadata
  readonly sliverBytes: number
  readonly #needed: number
  readonly #slivers = new Map<number, Sliver>()
  readonly #refusals: Refusals
  readonly #refusedBy = new Set<StorageNode>()
  #lies = 0
  #unanswered = 0

  constructor(state: WalrusState, metadata: BlobMetadata, rows: readonly Sliver[]) {
    this.metadata = metadata
    const code = codeParameters(metadata.shards, metadata.unencodedLength)
    this.sliverBytes = code.primarySliverBytes
    this.#needed = code.primarySymbols
    this.#refusals = new Refusals(metadata.blobId, state)
    for (const row of rows) this.add(row)
  }

  get enough(): boolean {
    return this.#slivers.size >= this.#needed
  }

  get slivers(): Sliver[] {
    return [...this.#slivers.values()].slice(0, this.#needed)
  }

  has(index: number): boolean {
    return this.#slivers.has(index)
  }

  add(sliver: Sliver): void {
    this.#slivers.set(sliver.index, sliver)
  }

  refused(node: StorageNode, error: unknown): void {
    if (error instanceof NodeError && error.code === 'bad-answer') this.#lies++
    else if (!(error instanceof NodeError && error.code === 'refused')) this.#unanswered++
    // Refusals count by node, not by sliver.
    if (this.#refusedBy.has(node)) return
    this.#refusedBy.add(node)
    this.#refusals.add(node, error)
  }

  failure(): StoreError {
    const verdict = this.#refusals.verdict()
    if (verdict) return verdict
    const { blobId } = this.metadata
    const text = `${this.#slivers.size} of ${this.#needed} slivers of blob ${blobId} could be had`
    const hope = this.#slivers.size + this.#unanswered >= this.#needed || this.#lies === 0
    return new StoreError(hope ? 'unreachable' : 'corrupt', text)
  }
}
