import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Agent } from 'undici'
import type { Dispatcher } from 'undici'
import { NodeError, reasonIn } from './node-error.ts'

export interface NodeRequest {
  readonly method: 'GET' | 'PUT'
  /** Origin of the node. */
  readonly url: string
  readonly path: string
  readonly body?: Uint8Array
  /** The longest answer worth reading. */
  readonly maxBytes: number
  /** For the whole exchange. */
  readonly timeoutMs: number
}

export interface NodeAnswer {
  readonly status: number
  readonly body: Buffer
}

export interface NodeHttpOptions {
  /** Connections to one node at most. @default 8 */
  readonly connectionsPerNode?: number
  /** Milliseconds. @default 5_000 */
  readonly connectTimeoutMs?: number
}

const maxErrorBytes = 64 * 1024
/** Longer bodies are sent in pieces of so many bytes. */
const pieceBytes = 256 * 1024

/** HTTP to storage nodes over kept-alive connections: bounded in time and in length. */
export class NodeHttp {
  readonly #agent: Agent

  constructor(options: NodeHttpOptions = {}) {
    this.#agent = new Agent({
      connections: options.connectionsPerNode ?? 8,
      connect: { timeout: options.connectTimeoutMs ?? 5000 },
      keepAliveTimeout: 20_000,
      keepAliveMaxTimeout: 60_000,
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  /** Throws {@link NodeError}; an abort rejects with the signal's reason. */
  async send(request: NodeRequest, signal: AbortSignal): Promise<NodeAnswer> {
    if (!request.url) throw new NodeError('unreachable', 'the node has no address')
    signal.throwIfAborted()
    const timeout = AbortSignal.timeout(request.timeoutMs)
    try {
      return await this.#exchange(request, AbortSignal.any([signal, timeout]))
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof NodeError) throw error
      if (timeout.aborted) {
        throw new NodeError('timeout', `no answer within ${request.timeoutMs} ms`)
      }
      throw new NodeError('unreachable', connectionTrouble(error), { cause: error })
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #exchange(request: NodeRequest, signal: AbortSignal): Promise<NodeAnswer> {
    const { method, url: origin, path, body } = request
    const { statusCode, body: answer } = await this.#agent.request({
      origin,
      path,
      method,
      signal,
      headers: { accept: 'application/octet-stream, application/json', ...contentHeaders(body) },
      body: body && body.length > pieceBytes ? Readable.from(inPieces(body)) : (body ?? null),
    })
    if (statusCode < 400) return { status: statusCode, body: await read(answer, request.maxBytes) }
    const { reason, message } = reasonIn(await read(answer, maxErrorBytes))
    const text = `HTTP ${statusCode} ${reason ?? ''} ${message ?? ''}`.trimEnd()
    throw new NodeError('refused', text, {
      status: statusCode,
      ...(reason !== undefined && { reason }),
    })
  }
}

function contentHeaders(body: Uint8Array | undefined): Record<string, string> {
  if (!body) return {}
  return { 'content-type': 'application/octet-stream', 'content-length': `${body.length}` }
}

/** A turn of the event loop for each: megabytes that go into a socket at once would hold up everybody else. */
async function* inPieces(body: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += pieceBytes) {
    yield body.subarray(at, at + pieceBytes)
    await nextTurn()
  }
}

async function read(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // Leaving the loop ends the connection.
    if (bytes > maxBytes) throw new NodeError('bad-answer', `an answer of over ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes)
}

function connectionTrouble(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || (error as NodeJS.ErrnoException).code || error.name
}
