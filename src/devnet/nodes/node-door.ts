import type { IncomingMessage, ServerResponse } from 'node:http'
import { systemClock } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import { ApiError, badContentType, internalError, notBcs, unavailable } from './api-error.ts'
import type { BufferPool } from './buffer-pool.ts'
import { corrupted } from './corruption.ts'
import type { NodeCalls } from './node-calls.ts'
import type { NodeFaults } from './node-fault.ts'
import type { NodeKey } from './node-key.ts'
import type { Reply } from './node-parts.ts'
import { BodyTooLarge, ClientGone, withBody, type BodyBudget } from './request-body.ts'
import { parseRoute, RouteError, type Route } from './route.ts'

/** Bytes of bodies that have no better limit. */
const defaultBodyBytes = 2 << 20
const lengthExceeded = 'Failed to buffer the request body: length limit exceeded'

export interface NodeDoorOptions {
  readonly calls: NodeCalls
  readonly faults: NodeFaults
  readonly key: NodeKey
  readonly budget: BodyBudget
  readonly pool: BufferPool
  /** The longest sliver in BCS. */
  readonly maxSliverBytes: number
  readonly log: Log
  readonly signal: AbortSignal
  /** Called before anything is done, and waited for. */
  readonly asked: (door: Route['door']) => Promise<void>
}

/** One storage node's answers to HTTP requests. A request can fail, the door cannot. */
export class NodeDoor {
  readonly #options: NodeDoorOptions
  readonly #hanging = new Set<ServerResponse>()

  constructor(options: NodeDoorOptions) {
    this.#options = options
  }

  /** Never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('access-control-allow-origin', '*')
    try {
      if (request.method === 'OPTIONS') sendPreflight(response)
      else
        await this.#answer(parseRoute(request.method ?? '', request.url ?? ''), request, response)
    } catch (error) {
      this.#refuse(error, request, response)
    }
  }

  /** Cuts the connections of requests that a fault left hanging. */
  cutHanging(): void {
    for (const response of this.#hanging) response.destroy()
    this.#hanging.clear()
  }

  async #answer(route: Route, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { faults, key, signal, asked } = this.#options
    await asked(route.door)
    if (faults.take('hang', route.door)) {
      this.#hang(request, response)
      return
    }
    const slow = faults.take('slow', route.door)
    if (slow) await systemClock.sleep(slow.delayMs, signal)
    const error = faults.take('error', route.door)
    if (error) throw new FaultyAnswer(error.status ?? 500)
    const reply = this.#pretended(route, request) ?? (await this.#call(route, request))
    if (faults.take('drop', route.door)) response.destroy()
    else send(response, faults.take('corrupt', route.door) ? corrupted(route, reply, key) : reply)
  }

  async #call(route: Route, request: IncomingMessage): Promise<Reply> {
    const { calls, budget, pool, maxSliverBytes } = this.#options
    if (route.action !== 'put' && route.action !== 'inconsistency') {
      return calls.call(route, new Uint8Array())
    }
    if (route.door === 'metadata') checkContentType(request.headers['content-type'])
    const sliver = route.door === 'slivers'
    const limit = sliver ? maxSliverBytes : defaultBodyBytes
    const options = { limit, budget, pool: sliver ? pool : undefined }
    try {
      return await withBody(request, options, (body) => calls.call(route, body))
    } catch (error) {
      throw error instanceof BodyTooLarge && route.door === 'metadata'
        ? notBcs({ cause: error })
        : error
    }
  }

  #pretended(route: Route, request: IncomingMessage): Reply | undefined {
    const { faults, calls } = this.#options
    if (!faults.take('forget', route.door)) return undefined
    const reply = calls.pretend(route)
    if (reply) request.resume()
    return reply
  }

  #hang(request: IncomingMessage, response: ServerResponse): void {
    request.resume()
    this.#hanging.add(response)
    response.once('close', () => this.#hanging.delete(response))
  }

  #refuse(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    if (error instanceof ClientGone || response.headersSent || response.destroyed) {
      response.destroy()
      return
    }
    if (isTooLarge(error)) closeAfter(request, response)
    if (error instanceof RouteError) sendText(response, error.code, error.message, error.allow)
    else if (error instanceof BodyTooLarge) sendText(response, 413, lengthExceeded, undefined)
    else sendError(response, this.#apiError(error, request))
  }

  #apiError(error: unknown, request: IncomingMessage): ApiError {
    if (error instanceof ApiError) return error
    if (error instanceof FaultyAnswer)
      return error.status === 503 ? unavailable() : internalError(error)
    if (this.#options.signal.aborted) return unavailable()
    this.#options.log.error('a request failed', {
      method: request.method,
      path: request.url,
      why: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
    return internalError(error)
  }
}

/** What the `error` fault answers. */
class FaultyAnswer extends Error {
  readonly status: 500 | 503

  constructor(status: 500 | 503) {
    super('a fault was set')
    this.status = status
  }
}

function checkContentType(contentType: string | undefined): void {
  if (contentType === undefined) return
  if (/^application\/octet-stream\s*(;|$)/i.test(contentType.trim())) return
  throw badContentType()
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply.kind === 'data') {
    sendJson(response, reply.code, { success: { code: reply.code, data: reply.data } })
    return
  }
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': reply.bytes.length,
  })
  if (reply.sent) response.once('finish', reply.sent)
  response.end(reply.bytes)
}

function sendJson(response: ServerResponse, code: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
}

function sendError(response: ServerResponse, error: ApiError): void {
  sendJson(response, error.code, error)
}

function sendText(
  response: ServerResponse,
  code: number,
  text: string,
  allow: string | undefined,
): void {
  if (allow) response.setHeader('allow', allow)
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(text)
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && [error, error.cause].some((one) => one instanceof BodyTooLarge)
}

/** The rest of the body is not wanted: the connection ends with the answer, late enough for it to be read. */
function closeAfter(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close')
  request.resume()
  const cut = setTimeout(() => request.destroy(), 1000)
  request.once('close', () => clearTimeout(cut))
}

function sendPreflight(response: ServerResponse): void {
  response.setHeader('access-control-allow-methods', '*')
  response.setHeader('access-control-allow-headers', '*')
  response.writeHead(200, { 'content-length': 0 })
  response.end()
}
