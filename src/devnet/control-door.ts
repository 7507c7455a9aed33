import { randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Log } from '../runtime/log.ts'
import { Trouble } from '../terms/trouble.ts'
import {
  devnetFileName,
  maxRequestBytes,
  parseRequest,
  RequestError,
  type DevnetFile,
  type DevnetRequest,
} from './control-protocol.ts'

/** Does what the door asks for. */
export type DevnetHandler = (request: DevnetRequest) => Promise<unknown>

/** A running devnet's door for the command line and for scripts: HTTP on loopback, for whoever can read `devnet.json`. */
export class ControlDoor {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /** Listens on a free port and writes it down in `devnet.json`, which the caller removes when all has ended. */
  static async open(directory: string, handler: DevnetHandler, log: Log): Promise<ControlDoor> {
    const token = randomBytes(24).toString('base64url')
    const server = createServer((request, response) => {
      void serve(request, response, token, handler, log)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const file = { pid: process.pid, url: urlOf(server), token }
    writeDevnetFile(join(directory, devnetFileName), file)
    return new ControlDoor(server)
  }

  /** Ends the door; what is being answered is answered. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeIdleConnections()
    await closed
  }
}

function urlOf(server: Server): string {
  const address = server.address()
  if (!address || typeof address !== 'object') throw new Error('the control door has no address')
  return `http://127.0.0.1:${address.port}/`
}

function writeDevnetFile(path: string, file: DevnetFile): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(file)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  handler: DevnetHandler,
  log: Log,
): Promise<void> {
  try {
    if (!isAuthorized(request, token)) {
      answer(response, 401, {
        error: { code: 'usage', message: 'the token in devnet.json is needed' },
      })
    } else if (request.method !== 'POST') {
      answer(response, 405, { error: { code: 'usage', message: 'POST a request' } })
    } else {
      answer(response, 200, { result: await handler(parseRequest(await textOf(request))) })
    }
  } catch (error) {
    refuse(response, error, log)
  }
}

function isAuthorized(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk as string
    if (text.length > maxRequestBytes) throw new RequestError('the request is too long')
  }
  return text
}

function answer(response: ServerResponse, code: number, value: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json', connection: 'close' })
  response.end(`${JSON.stringify(value)}\n`)
}

function refuse(response: ServerResponse, error: unknown, log: Log): void {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof RequestError) answer(response, 400, { error: { code: 'usage', message } })
  else if (error instanceof Trouble) answer(response, 400, { error: { code: error.code, message } })
  else {
    log.error('a control request failed', { why: message })
    answer(response, 500, { error: { code: 'failed', message } })
  }
}
