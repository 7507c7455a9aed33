import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { codeParameters, maxSymbolBytes } from '../../redstuff/parameters.ts'
import type { Log } from '../../runtime/log.ts'
import { BlobFiles } from './blob-files.ts'
import { NodeCalls } from './node-calls.ts'
import type { NodeCommons } from './node-commons.ts'
import { NodeDoor } from './node-door.ts'
import { NodeFaults, type NodeFault, type NodeFaultKind } from './node-fault.ts'
import type { NodeKey } from './node-key.ts'
import type { NodeParts } from './node-parts.ts'
import { OwnedShards } from './owned-shards.ts'
import { PendingUploads } from './pending-uploads.ts'
import { Recovery } from './recovery.ts'

export interface StorageNodeOptions {
  readonly name: string
  /** The node's own; made when absent. */
  readonly directory: string
  /** Loopback port; 0 takes a free one. */
  readonly port: number
  readonly key: NodeKey
  readonly shards: readonly number[]
  readonly log: Log
}

const pendingBytes = 64 << 20

/** A Walrus storage node on loopback: the HTTP API of the real ones, its own disk, its own key, its own troubles. */
export class StorageNode {
  readonly name: string
  readonly shards: readonly number[]
  readonly #faults = new NodeFaults()
  readonly #running = new Set<Promise<void>>()
  readonly #parts: NodeParts
  readonly #commons: NodeCommons
  readonly #end: AbortController
  readonly #calls: NodeCalls
  readonly #door: NodeDoor
  #port: number
  #server: Server | undefined
  #recovery: Recovery | undefined
  #switching: Promise<void> = Promise.resolve()

  private constructor(
    { name, port }: StorageNodeOptions,
    parts: NodeParts,
    commons: NodeCommons,
    end: AbortController,
  ) {
    this.name = name
    this.shards = parts.shards.list
    this.#port = port
    this.#parts = parts
    this.#commons = commons
    this.#end = end
    this.#calls = new NodeCalls(parts)
    this.#door = new NodeDoor({
      calls: this.#calls,
      faults: this.#faults,
      key: parts.key,
      budget: commons.budget,
      pool: commons.pool,
      maxSliverBytes: maxSliverBcsBytes(commons.shards),
      log: parts.log,
      signal: end.signal,
      asked: commons.asked,
    })
  }

  /** Opens the disk and listens. The chain is open already: what it does not know any more is removed. */
  static async open(options: StorageNodeOptions, commons: NodeCommons): Promise<StorageNode> {
    const { codec, view, reader, verifier, pool } = commons
    const { key, log } = options
    const files = await BlobFiles.open({
      directory: join(options.directory, 'blobs'),
      slots: options.shards.length,
      readMetadata: (blobId, bcs) => reader.read(blobId, bcs),
      keep: (blobId) => view.registration(blobId) !== undefined,
      log,
    })
    const shards = new OwnedShards(options.shards, commons.shards)
    const pending = new PendingUploads(pendingBytes)
    const end = new AbortController()
    const { signal } = end
    const own = { key, shards, files, pending, log, signal }
    const parts = { ...own, view, reader, verifier, pool, codec }
    const node = new StorageNode(options, parts, commons, end)
    await node.#start()
    return node
  }

  /** `host:port`, the same as long as the node lives. */
  get address(): string {
    return `127.0.0.1:${this.#port}`
  }

  get url(): string {
    return `http://${this.address}`
  }

  /** Blobs on its disk. */
  get blobs(): number {
    return this.#parts.files.count
  }

  /** All that is wrong with it now. */
  get faults(): readonly NodeFault[] {
    return this.#server ? this.#faults.list() : [{ kind: 'stop' }, ...this.#faults.list()]
  }

  async setFault(fault: NodeFault): Promise<void> {
    if (fault.kind === 'stop') await this.#switch(() => this.#stop())
    else this.#faults.set(fault)
  }

  /** Ends a fault; `stop` by listening again. */
  async clearFault(kind: NodeFaultKind): Promise<void> {
    if (kind === 'stop') await this.#switch(() => this.#start())
    else this.#faults.clear(kind)
    if (kind === 'hang') this.#door.cutHanging()
  }

  /** Refuses connections, ends what runs, closes the disk. */
  async close(): Promise<void> {
    this.#end.abort(new Error('the storage node is closing'))
    await this.#switch(() => this.#stop())
    await Promise.all(this.#running)
    await this.#calls.close()
    await this.#parts.files.close()
  }

  /** Starts and stops follow each other, however fast they are asked for. */
  async #switch(work: () => Promise<void>): Promise<void> {
    const before = this.#switching
    const turn = before.then(work)
    this.#switching = turn.catch(() => {})
    await turn
  }

  async #start(): Promise<void> {
    if (this.#server || this.#end.signal.aborted) return
    const server = createServer({
      keepAliveTimeout: 60_000,
      headersTimeout: 20_000,
      requestTimeout: 120_000,
    })
    server.on('request', (request, response) => this.#track(this.#door.serve(request, response)))
    server.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
      else socket.destroy()
    })
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address && typeof address === 'object') this.#port = address.port
    this.#server = server
    const { recoveryGraceMs, recoveryTurn } = this.#commons
    if (recoveryGraceMs === undefined) return
    this.#recovery = new Recovery(this.#parts, this.address, recoveryTurn, recoveryGraceMs)
  }

  async #stop(): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#server = undefined
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await this.#recovery?.close()
    this.#recovery = undefined
    await closed
  }

  #track(work: Promise<void>): void {
    this.#running.add(work)
    void work.finally(() => this.#running.delete(work))
  }
}

/** The length of the largest primary sliver with what BCS adds. */
function maxSliverBcsBytes(shards: number): number {
  return codeParameters(shards, 0).secondarySymbols * maxSymbolBytes + 128
}
