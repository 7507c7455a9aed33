import { LRUCache } from 'lru-cache'
import type { BlobMetadata } from '../../redstuff/codec.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import { StoreError } from '../blob-store.ts'
import type { WalrusChain, WalrusState } from '../chain/walrus-chain.ts'
import { isQuorum } from '../nodes/committee.ts'
import type { StorageNode } from '../nodes/committee.ts'
import { isBlocked, isMissing, NodeError } from '../nodes/node-error.ts'
import type { StorageNodes } from '../nodes/storage-nodes.ts'
import { SharedFlight } from '../shared-flight.ts'
import { firstOf } from './ways.ts'

const keptBytes = 32 << 20

/** The hashes that authenticate a blob's slivers: from any node, believed because they give the blob's id. */
export class MetadataReader {
  readonly #chain: WalrusChain
  readonly #nodes: StorageNodes
  readonly #flights = new SharedFlight<BlobId, BlobMetadata>()
  readonly #kept = new LRUCache<BlobId, BlobMetadata>({
    maxSize: keptBytes,
    sizeCalculation: ({ hashes }) => hashes.length + 200,
  })

  constructor(chain: WalrusChain, nodes: StorageNodes) {
    this.#chain = chain
    this.#nodes = nodes
  }

  /** Throws StoreError `not-found`, `blocked`, `unreachable`. */
  async get(blob: BlobId, signal: AbortSignal): Promise<BlobMetadata> {
    signal.throwIfAborted()
    const kept = this.#kept.get(blob)
    if (kept) return kept
    return this.#flights.run(blob, (flight) => this.#fetch(blob, flight), signal)
  }

  /** What is known already, of a blob that this process encoded. */
  learn(metadata: BlobMetadata): void {
    this.#kept.set(metadata.blobId, metadata)
  }

  /** The nodes say that the blob is gone: ask again next time. */
  forget(blob: BlobId): void {
    this.#kept.delete(blob)
  }

  async #fetch(blob: BlobId, signal: AbortSignal): Promise<BlobMetadata> {
    const state = await this.#chain.state(signal)
    const nodes = this.#nodes.health.sorted(serving(state))
    const refusals = new Refusals(blob, state)
    const ways = nodes.map((node) => ({
      patienceMs: this.#nodes.health.patienceMs(node),
      go: (way: AbortSignal) =>
        this.#ask(node, blob, state.shards, way).catch((error: unknown) => {
          refusals.add(node, error)
          throw error
        }),
    }))
    const giveUp = (): Error | undefined => refusals.verdict()
    const metadata = await firstOf(ways, signal, { giveUp, afterFailure: 2 }).catch((error) => {
      signal.throwIfAborted()
      throw refusals.final(error)
    })
    this.#kept.set(blob, metadata)
    return metadata
  }

  async #ask(
    node: StorageNode,
    blob: BlobId,
    shards: number,
    signal: AbortSignal,
  ): Promise<BlobMetadata> {
    const metadata = await this.#nodes.metadata(node, blob, shards, signal)
    if (metadata.blobId === blob && metadata.shards === shards) return metadata
    this.#nodes.health.lied(node, 'metadata', blob)
    throw new NodeError('bad-answer', 'metadata of another blob')
  }
}

/** Who may have a blob now: the committee, and the one before it while shards still move. */
export function serving(state: WalrusState): StorageNode[] {
  const { committee, previous } = state
  const now = new Set(committee.nodes.map(({ id }) => id))
  return [...committee.nodes, ...(previous?.nodes ?? []).filter(({ id }) => !now.has(id))]
}

/**
 * What refusals of nodes amount to. A certified blob is held by nodes of two thirds of the shards: when two thirds
 * say that they do not know it, it is not there.
 */
export class Refusals {
  readonly #blob: BlobId
  readonly #state: WalrusState
  #missing = 0
  #blocked = 0

  constructor(blob: BlobId, state: WalrusState) {
    this.#blob = blob
    this.#state = state
  }

  add(node: StorageNode, error: unknown): void {
    if (isMissing(error)) this.#missing += node.shards.length
    if (isBlocked(error)) this.#blocked += node.shards.length
  }

  /** Defined when the refusals suffice to end the search. */
  verdict(): StoreError | undefined {
    if (!isQuorum(this.#missing + this.#blocked, this.#state.shards)) return undefined
    return this.#blocked > this.#missing
      ? new StoreError('blocked', `the network refuses to serve blob ${this.#blob}`)
      : new StoreError('not-found', `the network does not know blob ${this.#blob}`)
  }

  /** When nobody is left to ask. */
  final(cause: unknown): Error {
    if (cause instanceof StoreError) return cause
    const text = `no storage node could serve blob ${this.#blob}`
    return this.verdict() ?? new StoreError('unreachable', text, { cause })
  }
}
