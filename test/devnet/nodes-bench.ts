import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Axis, EncodedSlivers } from '../../src/redstuff/codec.ts'
import { encodeMetadata } from '../../src/redstuff/metadata-bcs.ts'
import { ScalarCodec } from '../../src/redstuff/scalar/scalar-codec.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { NodeKey } from '../../src/devnet/nodes/node-key.ts'
import { NodeCommons } from '../../src/devnet/nodes/node-commons.ts'
import { StorageNode } from '../../src/devnet/nodes/storage-node.ts'
import type { BlobId } from '../../src/terms/blob-id.ts'
import { FakeChain } from './nodes-fake-chain.ts'

/** One storage node with some of the shards, before a chain of which the test says what happened. */
export class NodeBench {
  readonly chain = new FakeChain()
  readonly directory = mkdtempSync(join(tmpdir(), 'nodes-bench-'))
  readonly key = new NodeKey(0xabcdef01n)
  readonly codec = new ScalarCodec()
  readonly shards: number
  readonly owned: readonly number[]
  #commons: NodeCommons | undefined
  #node: StorageNode | undefined

  constructor(t: Test, shards = 8, owned: readonly number[] = [0, 1]) {
    this.shards = shards
    this.owned = owned
    t.teardown(async () => {
      await this.stop()
      rmSync(this.directory, { recursive: true })
    })
  }

  get node(): StorageNode {
    return this.#node!
  }

  async start(port = 0): Promise<StorageNode> {
    const { shards, codec, chain: view, directory, key, owned } = this
    this.#commons = new NodeCommons({ shards, codec, view, recoveryGraceMs: undefined })
    const options = { name: 'node-0', directory, port, key, shards: owned, log: silentLog }
    this.#node = await StorageNode.open(options, this.#commons)
    return this.#node
  }

  async stop(): Promise<void> {
    this.#commons?.close()
    await this.#node?.close()
    this.#node = undefined
  }

  encode(bytes: Uint8Array): Promise<EncodedSlivers> {
    return this.codec.encode(this.shards, { kind: 'bytes', bytes }, new AbortController().signal)
  }

  /** The sliver pairs of a blob that the node keeps. */
  pairs(blobId: BlobId): number[] {
    const pairs = Array.from({ length: this.shards }, (_, pair) => pair)
    return pairs.filter((pair) => this.owned.includes(shardOf(blobId, pair, this.shards)))
  }

  async request(method: string, path: string, body?: Uint8Array): Promise<Response> {
    const init = body === undefined ? {} : { body: Uint8Array.from(body) }
    return fetch(`${this.node.url}/v1/${path}`, { method, ...init })
  }

  async putMetadata(slivers: EncodedSlivers, query = ''): Promise<Response> {
    const { blobId } = slivers.metadata
    const body = encodeMetadata(slivers.metadata)
    return this.request('PUT', `blobs/${blobId}/metadata${query}`, body)
  }

  async putSliver(
    slivers: EncodedSlivers,
    pair: number,
    axis: Axis,
    query = '',
  ): Promise<Response> {
    const { blobId } = slivers.metadata
    const body = await slivers.sliverBcs(pair, axis)
    return this.request('PUT', `blobs/${blobId}/slivers/${pair}/${axis}${query}`, body)
  }

  /** Sends metadata and all slivers of the node. */
  async store(slivers: EncodedSlivers): Promise<void> {
    await this.putMetadata(slivers)
    for (const pair of this.pairs(slivers.metadata.blobId)) {
      await this.putSliver(slivers, pair, 'primary')
      await this.putSliver(slivers, pair, 'secondary')
    }
  }
}

/** The shard of a pair, from the definition: the id read as a big-endian number. */
function shardOf(blobId: BlobId, pair: number, shards: number): number {
  const id = BigInt(`0x${Buffer.from(blobId, 'base64url').toString('hex')}`)
  return Number((BigInt(pair) + id) % BigInt(shards))
}

/** Reads an answer as an error of the API: HTTP code and reason. */
export async function refusal(response: Response): Promise<string> {
  const body = (await response.json()) as {
    error?: { code: number; status: string; details: { reason: string }[] }
  }
  if (!body.error) return `${response.status} without an error`
  if (body.error.code !== response.status) return 'the codes differ'
  return `${response.status} ${body.error.status} ${body.error.details[0]?.reason}`
}

/** The data of a successful answer. */
export async function dataOf(response: Response): Promise<unknown> {
  const { success } = (await response.json()) as { success: { code: number; data: unknown } }
  return success.data
}

/** Bytes that repeat nowhere soon. */
export function someBytes(length: number, seed = 1): Uint8Array {
  let state = seed
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  })
}
