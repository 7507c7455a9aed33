import type { Bandwidth } from '../../runtime/bandwidth.ts'
import type { Clock } from '../../runtime/clock.ts'
import { decodeMetadataWithId } from '../../redstuff/metadata-bcs.ts'
import type { Axis, BlobMetadata, Sliver } from '../../redstuff/codec.ts'
import { decodeSliver, sliverBcsBytes } from '../../redstuff/sliver-bcs.ts'
import { decodeDecodingSymbols, decodeRecoverySymbols } from '../../redstuff/symbol-bcs.ts'
import type { RecoverySymbol, TargetSymbols } from '../../redstuff/symbol-bcs.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import type { StorageNode } from './committee.ts'
import { NodeError } from './node-error.ts'
import type { NodeHealthBook } from './node-health.ts'
import type { NodeAnswer } from './answer-reader.ts'
import type { NodeHttp, NodeRequest } from './node-http.ts'

/** A node's signed word that it holds a blob. */
export interface Confirmation {
  readonly serializedMessage: Uint8Array
  readonly signature: Uint8Array
}

export interface StorageNodeTimeouts {
  /** Milliseconds. @default 10_000 */
  readonly smallMs?: number
  /** For slivers either way, milliseconds. @default 30_000 */
  readonly sliverMs?: number
}

const smallBytes = 64 * 1024

/**
 * The HTTP API of storage nodes, as far as a client needs it (walrus-service, crates/walrus-service/src/node/server).
 * Answers are bounded and parsed, not yet believed. Every call is entered in the book of their health.
 */
export class StorageNodes {
  readonly health: NodeHealthBook
  readonly #http: NodeHttp
  readonly #clock: Clock
  readonly #smallMs: number
  readonly #sliverMs: number
  readonly #bandwidth: Bandwidth | undefined

  constructor(
    http: NodeHttp,
    health: NodeHealthBook,
    clock: Clock,
    timeouts: StorageNodeTimeouts = {},
    bandwidth?: Bandwidth,
  ) {
    this.#http = http
    this.health = health
    this.#clock = clock
    this.#smallMs = timeouts.smallMs ?? 10_000
    this.#sliverMs = timeouts.sliverMs ?? 30_000
    this.#bandwidth = bandwidth
  }

  async metadata(
    node: StorageNode,
    blob: BlobId,
    shards: number,
    signal: AbortSignal,
  ): Promise<BlobMetadata> {
    const maxBytes = 64 + shards * 66
    const { body } = await this.#get(node, `${blob}/metadata`, maxBytes, this.#smallMs, signal)
    return this.#parse(node, blob, 'metadata', () => decodeMetadataWithId(body))
  }

  /**
   * `sliverBytes`: of the symbols alone. `room`: where its BCS is to lie, which its data then is a view of; it is written to
   * until this call ends.
   */
  async sliver(
    node: StorageNode,
    blob: BlobId,
    pair: number,
    axis: Axis,
    sliverBytes: number,
    signal: AbortSignal,
    room?: Uint8Array,
  ): Promise<Sliver> {
    const path = `${blob}/slivers/${pair}/${axis}`
    const maxBytes = sliverBcsBytes(sliverBytes)
    const { body } = await this.#get(node, path, maxBytes, this.#sliverMs, signal, room)
    this.#bandwidth?.down.used(body.length)
    return this.#parse(node, blob, `${axis} sliver`, () => decodeSliver(axis, body))
  }

  /** Symbols of all slivers that the node holds which help to rebuild one sliver, without proofs. */
  async decodingSymbols(
    node: StorageNode,
    blob: BlobId,
    target: { readonly axis: Axis; readonly index: number },
    symbolBytes: number,
    signal: AbortSignal,
  ): Promise<TargetSymbols[]> {
    const query = `targetSlivers=${target.index}&targetType=${target.axis}`
    const maxBytes = smallBytes + node.shards.length * (symbolBytes + 16)
    const path = `${blob}/decodingSymbols?${query}`
    const { body } = await this.#get(node, path, maxBytes, this.#sliverMs, signal)
    this.#bandwidth?.down.used(body.length)
    return this.#parse(node, blob, 'symbols', () => decodeDecodingSymbols(body))
  }

  /** The same, each with a proof against the sliver that it was taken from. */
  async recoverySymbols(
    node: StorageNode,
    blob: BlobId,
    target: { readonly axis: Axis; readonly index: number },
    symbolBytes: number,
    signal: AbortSignal,
  ): Promise<RecoverySymbol[]> {
    const query = `targetSliver=${target.index}&targetType=${target.axis}`
    const maxBytes = smallBytes + node.shards.length * (symbolBytes + 16 + 17 * 33)
    const path = `${blob}/recoverySymbols?${query}`
    const { body } = await this.#get(node, path, maxBytes, this.#sliverMs, signal)
    this.#bandwidth?.down.used(body.length)
    return this.#parse(node, blob, 'symbols', () => decodeRecoverySymbols(body))
  }

  /** Whether the node had it already. */
  async putMetadata(
    node: StorageNode,
    blob: BlobId,
    bcs: Uint8Array,
    signal: AbortSignal,
  ): Promise<boolean> {
    const answer = await this.#put(node, `${blob}/metadata`, bcs, this.#smallMs, signal)
    return answer.status === 200
  }

  async putSliver(
    node: StorageNode,
    blob: BlobId,
    pair: number,
    axis: Axis,
    bcs: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#bandwidth?.up.take(bcs.length, signal)
    await this.#put(node, `${blob}/slivers/${pair}/${axis}`, bcs, this.#sliverMs, signal)
  }

  /** Whether the node says that it has the sliver. */
  async hasSliver(
    node: StorageNode,
    blob: BlobId,
    pair: number,
    axis: Axis,
    signal: AbortSignal,
  ): Promise<boolean> {
    const path = `${blob}/slivers/${pair}/${axis}/status`
    const { body } = await this.#get(node, path, smallBytes, this.#smallMs, signal)
    return dataOf(body) === 'stored'
  }

  /** The node's signature that it holds all its slivers. `object`: of a deletable blob. */
  async confirmation(
    node: StorageNode,
    blob: BlobId,
    object: ObjectId | undefined,
    signal: AbortSignal,
  ): Promise<Confirmation> {
    const kind = object === undefined ? 'permanent' : `deletable/${object}`
    const path = `${blob}/confirmation/${kind}`
    const { body } = await this.#get(node, path, smallBytes, this.#smallMs, signal)
    const { signed } = (dataOf(body) ?? {}) as { signed?: Record<string, unknown> }
    const { serializedMessage, signature } = signed ?? {}
    if (typeof serializedMessage !== 'string' || typeof signature !== 'string') {
      throw new NodeError('bad-answer', 'a confirmation without message and signature')
    }
    return {
      serializedMessage: Buffer.from(serializedMessage, 'base64'),
      signature: Buffer.from(signature, 'base64'),
    }
  }

  #parse<T>(node: StorageNode, blob: BlobId, about: string, parse: () => T): T {
    try {
      return parse()
    } catch (error) {
      this.health.lied(node, about, blob)
      throw new NodeError('bad-answer', `${about} that cannot be read`, { cause: error })
    }
  }

  #get(
    node: StorageNode,
    path: string,
    maxBytes: number,
    timeoutMs: number,
    signal: AbortSignal,
    room?: Uint8Array,
  ): Promise<NodeAnswer> {
    const request = { url: node.url, path: `/v1/blobs/${path}`, maxBytes, timeoutMs }
    return this.#send(node, { ...request, method: 'GET', ...(room && { room }) }, signal)
  }

  #put(
    node: StorageNode,
    path: string,
    body: Uint8Array,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<NodeAnswer> {
    const request = { url: node.url, path: `/v1/blobs/${path}`, body, timeoutMs }
    return this.#send(node, { ...request, method: 'PUT', maxBytes: smallBytes }, signal)
  }

  async #send(node: StorageNode, request: NodeRequest, signal: AbortSignal): Promise<NodeAnswer> {
    const started = this.#clock.now()
    try {
      const answer = await this.#http.send(request, signal)
      const ms = request.method === 'GET' ? this.#clock.now() - started : undefined
      this.health.succeeded(node, ms)
      return answer
    } catch (error) {
      if (!signal.aborted) this.health.failed(node, error)
      throw error
    }
  }
}

function dataOf(body: Uint8Array): unknown {
  try {
    const parsed = JSON.parse(Buffer.from(body).toString('utf8')) as {
      success?: { data?: unknown }
    }
    return parsed.success?.data
  } catch (error) {
    throw new NodeError('bad-answer', 'not the JSON of a storage node', { cause: error })
  }
}
