import { BlobReads } from './blob-reads.ts'
import { blobStatus } from './blob-status.ts'
import { BlobWrites } from './blob-writes.ts'
import { ChainFollower } from './chain-follower.ts'
import { Confirmations } from './confirmations.ts'
import { nodeHealth } from './health.ts'
import { attestInconsistency } from './inconsistency-proof.ts'
import { dataReply, type NodeParts, type Reply } from './node-parts.ts'
import { Symbols } from './symbols.ts'
import type { Route } from './route.ts'

/** All calls of a storage node. `body` is empty for those without one. Throws ApiError and RouteError. */
export class NodeCalls {
  readonly #parts: NodeParts
  readonly #reads: BlobReads
  readonly #writes: BlobWrites
  readonly #confirmations: Confirmations
  readonly #symbols: Symbols
  readonly #follower: ChainFollower

  constructor(parts: NodeParts) {
    this.#parts = parts
    this.#reads = new BlobReads(parts)
    this.#writes = new BlobWrites(parts)
    this.#confirmations = new Confirmations(parts, this.#writes)
    this.#symbols = new Symbols(parts)
    this.#follower = new ChainFollower(parts, this.#writes)
  }

  async call(route: Route, body: Uint8Array): Promise<Reply> {
    switch (route.action) {
      case 'put':
        return route.door === 'metadata'
          ? this.#writes.putMetadata(route.blobId, body, route.pending)
          : this.#writes.putSliver(route, body, route.pending)
      case 'get':
        return route.door === 'metadata'
          ? this.#reads.metadata(route.blobId)
          : this.#reads.sliver(route.blobId, route.pair, route.axis)
      case 'status':
        return route.door === 'metadata'
          ? this.#reads.metadataStatus(route.blobId)
          : this.#reads.sliverStatus(route.blobId, route.pair, route.axis)
      case 'confirm':
        return this.#confirmations.confirm(route.blobId, route.objectId, route.waitMs)
      case 'recovery':
        return this.#symbols.recovery(route.blobId, route.query)
      case 'decoding':
        return this.#symbols.decoding(route.blobId, route.query)
      case 'inconsistency':
        return attestInconsistency(this.#parts, route.blobId, route.axis, body)
      case 'blob':
        return dataReply(blobStatus(this.#parts.view.registration(route.blobId)))
      case 'health':
        return dataReply(nodeHealth(this.#parts, this.#follower.events, route.detailed))
    }
  }

  /** As a node that promises all and keeps nothing; undefined for calls that promise nothing. */
  pretend(route: Route): Reply | undefined {
    switch (route.action) {
      case 'put':
        return dataReply(`${route.door === 'metadata' ? 'metadata' : 'sliver'} stored`, 201)
      case 'confirm':
        return this.#confirmations.pretend(route.blobId, route.objectId)
      case 'get':
      case 'status':
      case 'recovery':
      case 'decoding':
      case 'inconsistency':
      case 'blob':
      case 'health':
        return undefined
    }
  }

  /** Ends following the chain. */
  async close(): Promise<void> {
    await this.#follower.close()
  }
}
