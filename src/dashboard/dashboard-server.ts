import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Log } from '../runtime/log.ts'
import { refusalOf, tokenRefusalOf, type Refusal } from './admission.ts'
import { pageFiles, type PageFile } from './page-files.ts'
import type { DashboardSource } from './source.ts'

const host = '127.0.0.1'
/** For one person: a browser takes six. */
const maxConnections = 64
const headersLimitMs = 10_000

/** The page may load and ask what is here, and nothing else; no text becomes HTML or a script in it, whoever wrote it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const headers = {
  'Content-Security-Policy': policy,
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
}

/**
 * Serves the dashboard on the loopback address, at a port that was free, to who has its token. The token stands behind the `#` of the
 * address, so no browser sends it anywhere by itself; the page sends it with each question.
 */
export class DashboardServer {
  readonly #server: Server
  readonly #source: DashboardSource
  readonly #files: ReadonlyMap<string, PageFile>
  readonly #log: Log
  readonly #token = randomBytes(32).toString('base64url')

  private constructor(
    server: Server,
    source: DashboardSource,
    files: ReadonlyMap<string, PageFile>,
    log: Log,
  ) {
    this.#server = server
    this.#source = source
    this.#files = files
    this.#log = log.room('dashboard')
  }

  static async open(source: DashboardSource, log: Log): Promise<DashboardServer> {
    const server = createServer({ headersTimeout: headersLimitMs, requestTimeout: headersLimitMs })
    const dashboard = new DashboardServer(server, source, await pageFiles(), log)
    server.maxConnections = maxConnections
    server.on('request', (request, response) => void dashboard.#answer(request, response))
    server.listen(0, host)
    await once(server, 'listening')
    server.unref()
    return dashboard
  }

  /** With the token: it lets in whoever has it. */
  get url(): string {
    return `http://${host}:${this.#port}/#${this.#token}`
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refusalOf(request, this.#port)
    if (refusal) return refuse(response, refusal)
    const { pathname = '', searchParams } = URL.parse(request.url ?? '', `http://${host}`) ?? {}
    const file = this.#files.get(pathname)
    if (file) return send(response, 200, file.type, file.bytes)
    if (!pathname.startsWith('/data/')) return refuse(response, { code: 404, text: 'not here' })
    const noToken = tokenRefusalOf(request, this.#token)
    if (noToken) return refuse(response, noToken)
    await this.#tell(pathname.slice('/data/'.length), searchParams, response)
  }

  async #tell(
    what: string,
    wish: URLSearchParams | undefined,
    response: ServerResponse,
  ): Promise<void> {
    try {
      const told = await this.#ask(what, wish)
      if (told === undefined) return refuse(response, { code: 404, text: 'there is nothing of it' })
      send(response, 200, 'application/json', Buffer.from(JSON.stringify(told)))
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      this.#log.warn('the dashboard could not be told', { what, why: text })
      refuse(response, { code: 503, text })
    }
  }

  async #ask(what: string, wish: URLSearchParams | undefined): Promise<unknown> {
    switch (what) {
      case 'status':
        return this.#source.status()
      case 'history':
        return this.#source.history()
      case 'changes':
        return this.#source.changes(Number(wish?.get('sequence')))
      case 'money':
        return this.#source.money()
      default:
        return undefined
    }
  }
}

function refuse(
  response: ServerResponse,
  { code, text }: Omit<Refusal, 'code'> & { readonly code: number },
): void {
  if (code === 405) response.setHeader('Allow', 'GET')
  send(response, code, 'application/json', Buffer.from(JSON.stringify({ error: text })))
}

function send(response: ServerResponse, code: number, type: string, bytes: Uint8Array): void {
  response.writeHead(code, { ...headers, 'Content-Type': type, 'Content-Length': bytes.length })
  response.end(bytes)
}
