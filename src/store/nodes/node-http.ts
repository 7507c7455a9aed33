import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Agent } from 'undici'
import { AnswerReader } from './answer-reader.ts'
import type { NodeAnswer } from './answer-reader.ts'
import { NodeError, reasonIn } from './node-error.ts'

export interface NodeRequest {
  readonly method: 'GET' | 'PUT'
  /** Origin of the node. */
  readonly url: string
  readonly path: string
  readonly body?: Uint8Array
  /** The longest answer worth reading. */
  readonly maxBytes: number
  /** Where the answer is to lie, of at least `maxBytes`; not to be used otherwise until the exchange has ended. @default new memory */
  readonly room?: Uint8Array
  /** For the whole exchange. */
  readonly timeoutMs: number
}

export interface NodeHttpOptions {
  /** Connections to one node at most. @default 8 */
  readonly connectionsPerNode?: number
  /** Milliseconds. @default 5_000 */
  readonly connectTimeoutMs?: number
}

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
    const reader = new AnswerReader(request, signal)
    this.#agent.dispatch(
      {
        origin,
        path,
        method,
        headers: { accept: 'application/octet-stream, application/json', ...contentHeaders(body) },
        body: body && body.length > pieceBytes ? Readable.from(inPieces(body)) : (body ?? null),
      },
      reader,
    )
    const answer = await reader.answer
    if (answer.status < 400) return answer
    const { reason, message } = reasonIn(answer.body)
    const text = `HTTP ${answer.status} ${reason ?? ''} ${message ?? ''}`.trimEnd()
    throw new NodeError('refused', text, {
      status: answer.status,
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

function connectionTrouble(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || (error as NodeJS.ErrnoException).code || error.name
}
