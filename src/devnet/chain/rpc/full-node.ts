import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../../runtime/log.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'
import { GrpcWebReply, readMessage } from './grpc-web.ts'
import type { Method, MethodTable } from './methods.ts'

/** A page that is no gRPC method. */
export type Page = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export interface FullNodeOptions {
  /** 0 takes a free one. */
  readonly port: number
  readonly methods: MethodTable
  /** By path, for POST requests. */
  readonly pages: Readonly<Record<string, Page>>
  readonly log: Log
  /** What a call waits for before it is answered. */
  readonly settled: () => Promise<void>
  /** Called before a transaction is simulated or executed, and waited for. */
  readonly asked: (what: 'simulation' | 'execution') => Promise<void>
}

/** What the node does instead of what it should. */
export interface Troubles {
  refuses: boolean
  unavailable: boolean
  delayMs: number
  /** Executions whose answer will be lost. */
  answersToLose: number
}

/** The HTTP door of the chain on loopback. */
export class FullNode {
  readonly troubles: Troubles = {
    refuses: false,
    unavailable: false,
    delayMs: 0,
    answersToLose: 0,
  }
  readonly #options: FullNodeOptions
  /** Undefined: it answers. */
  #hanging: Set<ServerResponse> | undefined
  #server: Server
  #port: number

  static async open(options: FullNodeOptions): Promise<FullNode> {
    const node = new FullNode(options)
    await node.#listen()
    return node
  }

  private constructor(options: FullNodeOptions) {
    this.#options = options
    this.#port = options.port
    this.#server = this.#makeServer()
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Stops listening, or listens again on the same port. */
  async refuse(refuses: boolean): Promise<void> {
    if (refuses === this.troubles.refuses) return
    this.troubles.refuses = refuses
    if (refuses) return await this.#shut()
    this.#server = this.#makeServer()
    await this.#listen()
  }

  /** Takes calls and never answers, or cuts those and answers again. */
  hang(hangs: boolean): void {
    for (const response of this.#hanging ?? []) response.destroy()
    this.#hanging = hangs ? new Set() : undefined
  }

  async close(): Promise<void> {
    if (!this.troubles.refuses) await this.#shut()
  }

  #makeServer(): Server {
    return createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        this.#options.log.warn('a call ended badly', { path: request.url, why: String(error) })
        response.destroy()
      })
    })
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#port = (this.#server.address() as AddressInfo).port
        resolve()
      })
    })
  }

  #shut(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0]!
    if (request.method === 'OPTIONS') return allowBrowsers(response)
    const page = request.method === 'POST' ? this.#options.pages[path] : undefined
    if (this.#hanging) return this.#leave(request, response, this.#hanging)
    if (this.troubles.delayMs > 0) await sleep(this.troubles.delayMs)
    if (page) return await page(request, response)
    if (request.method !== 'POST') return notFound(response)
    await this.#call(path.slice(1), request, response)
  }

  #leave(request: IncomingMessage, response: ServerResponse, among: Set<ServerResponse>): void {
    request.resume()
    among.add(response)
    response.once('close', () => among.delete(response))
  }

  async #call(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = new GrpcWebReply(request, response)
    try {
      if (this.troubles.unavailable)
        throw new RpcFailure(RpcCode.unavailable, 'the full node is down (devnet fault)')
      const method = this.#options.methods[name]
      if (!method) throw new RpcFailure(RpcCode.unimplemented, `unimplemented: ${name}`)
      const message = await readMessage(request)
      if (!(await this.#answer(name, method, message, reply, response))) return
      reply.end(RpcCode.ok, '')
    } catch (error) {
      this.#fail(name, error, reply)
    }
  }

  /** False when the answer was lost on purpose. */
  async #answer(
    name: string,
    method: Method,
    message: Uint8Array,
    reply: GrpcWebReply,
    response: ServerResponse,
  ): Promise<boolean> {
    if (method.kind === 'stream') {
      const hungUp = new AbortController()
      response.on('close', () => hungUp.abort())
      reply.begin()
      await method.run(message, (content) => reply.message(content), hungUp.signal)
      return !hungUp.signal.aborted
    }
    if (name.endsWith('/SimulateTransaction')) await this.#options.asked('simulation')
    if (name.endsWith('/ExecuteTransaction')) await this.#options.asked('execution')
    const content = await method.answer(message)
    await this.#options.settled()
    if (name.endsWith('/ExecuteTransaction') && this.troubles.answersToLose > 0) {
      this.troubles.answersToLose--
      response.destroy()
      return false
    }
    reply.message(content)
    return true
  }

  #fail(name: string, error: unknown, reply: GrpcWebReply): void {
    if (error instanceof RpcFailure) return reply.end(error.code, error.message)
    this.#options.log.error('a call failed', {
      name,
      why: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
    reply.end(RpcCode.internal, `internal error: ${(error as Error).message}`)
  }
}

function allowBrowsers(response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-origin': '*',
    'access-control-allow-headers': '*',
    'access-control-allow-methods': 'POST',
  })
  response.end()
}

function notFound(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'text/plain' })
  response.end('this is the full node of a walrusfs devnet: gRPC-web only\n')
}
