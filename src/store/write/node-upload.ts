import type { Axis, BlobMetadata, EncodedSlivers } from '../../redstuff/codec.ts'
import { codeParameters, sliverBytes } from '../../redstuff/parameters.ts'
import { sliverBcsBytes } from '../../redstuff/sliver-bcs.ts'
import { pairOfShard } from '../../redstuff/sliver-pair.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import type { ByteBudget } from '../byte-budget.ts'
import type { StorageNode } from '../nodes/committee.ts'
import type { Confirmation, StorageNodes } from '../nodes/storage-nodes.ts'
import type { SliverBuffers } from '../sliver-buffers.ts'

/** Slivers on their way to one node at a time. */
const perNode = 4
/** Asking whether a sliver is there costs less than sending it from this many bytes on. */
const worthAsking = 4096

export interface NodeUploadParts {
  readonly nodes: StorageNodes
  readonly node: StorageNode
  readonly slivers: EncodedSlivers
  readonly metadataBcs: Uint8Array
  /** The blob object, if the blob is deletable. */
  readonly object: ObjectId | undefined
  /** For slivers on their way to all nodes. */
  readonly budget: ByteBudget
  /** Their memory. */
  readonly buffers: SliverBuffers
  readonly sent: (bytes: number) => void
}

/** Everything that one node is to have of one blob. Can be run again after a failure: what arrived is not sent again. */
export class NodeUpload {
  readonly node: StorageNode
  readonly #parts: NodeUploadParts
  readonly #waiting: { readonly pair: number; readonly axis: Axis }[]

  constructor(parts: NodeUploadParts) {
    this.node = parts.node
    this.#parts = parts
    const { blobId, shards } = parts.slivers.metadata
    this.#waiting = parts.node.shards.flatMap((shard) => {
      const pair = pairOfShard(blobId, shard, shards)
      return [
        { pair, axis: 'primary' },
        { pair, axis: 'secondary' },
      ] as const
    })
  }

  /** Sends what is missing; resolves with the node's signed word. Throws NodeError. */
  async run(signal: AbortSignal): Promise<Confirmation> {
    const { nodes, node, metadataBcs, slivers } = this.#parts
    const { blobId } = slivers.metadata
    const had = await nodes.putMetadata(node, blobId, metadataBcs, signal)
    if (had) {
      const confirmation = await this.#confirmationAtOnce(signal)
      if (confirmation) return confirmation
    }
    await this.#sendAll(had, signal)
    return this.#confirmation(signal)
  }

  /** A node that has the metadata may have everything: then it only needs to sign. */
  async #confirmationAtOnce(signal: AbortSignal): Promise<Confirmation | undefined> {
    try {
      return await this.#confirmation(signal)
    } catch {
      signal.throwIfAborted()
      return undefined
    }
  }

  async #sendAll(askFirst: boolean, signal: AbortSignal): Promise<void> {
    const controller = new AbortController()
    const own = AbortSignal.any([signal, controller.signal])
    const lane = async (): Promise<void> => {
      for (let next = this.#waiting.pop(); next; next = this.#waiting.pop()) {
        try {
          await this.#send(next.pair, next.axis, askFirst, own)
        } catch (error) {
          this.#waiting.push(next)
          controller.abort(error)
          throw error
        }
      }
    }
    // All lanes have ended before a failure is reported: the slivers may be released then.
    const lanes = await Promise.allSettled(Array.from({ length: perNode }, lane))
    signal.throwIfAborted()
    if (controller.signal.aborted) throw controller.signal.reason
    if (lanes.some(({ status }) => status === 'rejected')) throw new Error('a lane was lost')
  }

  async #send(pair: number, axis: Axis, askFirst: boolean, signal: AbortSignal): Promise<void> {
    const { nodes, node, slivers, budget, buffers, sent } = this.#parts
    const { metadata } = slivers
    const bytes = sliverBcsBytesOf(metadata, axis)
    if (askFirst && bytes >= worthAsking) {
      if (await nodes.hasSliver(node, metadata.blobId, pair, axis, signal)) return sent(bytes)
    }
    await budget.take(bytes, signal)
    const buffer = buffers.take(bytes)
    try {
      const bcs = await slivers.sliverBcs(pair, axis, buffer)
      await nodes.putSliver(node, metadata.blobId, pair, axis, bcs, signal)
      buffers.give(buffer)
      sent(bytes)
    } catch (error) {
      // A connection that was broken off may still hold it.
      buffers.lost(buffer)
      throw error
    } finally {
      budget.give(bytes)
    }
  }

  #confirmation(signal: AbortSignal): Promise<Confirmation> {
    const { nodes, node, slivers, object } = this.#parts
    return nodes.confirmation(node, slivers.metadata.blobId, object, signal)
  }
}

/** Bytes of one sliver as it is sent. */
export function sliverBcsBytesOf(metadata: BlobMetadata, axis: Axis): number {
  const code = codeParameters(metadata.shards, metadata.unencodedLength)
  return sliverBcsBytes(sliverBytes(code, axis))
}
