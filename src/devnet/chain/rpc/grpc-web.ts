import type { IncomingMessage, ServerResponse } from 'node:http'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'

/** The largest request in bytes: a published package is the largest that is legal. */
const maxRequestBytes = 4 * 1024 * 1024
/** How much of a larger one is read, and forgotten, for the sake of an answer. */
const maxPatience = 64 * 1024 * 1024
const dataFlag = 0
const trailerFlag = 0x80

/** The message of a gRPC-web request. Throws an {@link RpcFailure} when there is none. */
export async function readMessage(request: IncomingMessage): Promise<Uint8Array> {
  const raw = await readBody(request)
  const body = isText(request) ? Buffer.from(raw.toString('latin1'), 'base64') : raw
  if (body.length < 5) throw new RpcFailure(RpcCode.invalidArgument, 'the request has no message')
  const length = body.readUInt32BE(1)
  if (body[0] !== dataFlag || 5 + length > body.length)
    throw new RpcFailure(RpcCode.invalidArgument, 'the request is no gRPC-web message')
  return body.subarray(5, 5 + length)
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length
    if (bytes <= maxRequestBytes) chunks.push(chunk as Buffer)
    else chunks.length = 0
    if (bytes > maxPatience) break
  }
  if (bytes > maxRequestBytes)
    throw new RpcFailure(RpcCode.outOfRange, `a request has at most ${maxRequestBytes} bytes`)
  return Buffer.concat(chunks)
}

/** Whether the caller speaks base64. */
function isText(request: IncomingMessage): boolean {
  return (request.headers['content-type'] ?? '').startsWith('application/grpc-web-text')
}

/** An answer in the form that the caller speaks: messages, then a status. */
export class GrpcWebReply {
  readonly #response: ServerResponse
  readonly #text: boolean

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#response = response
    this.#text = isText(request)
  }

  /** Sends the head. Browsers of other pages may read answers of a devnet. */
  begin(): void {
    if (this.#response.headersSent) return
    const type = this.#text ? 'application/grpc-web-text' : 'application/grpc-web+proto'
    this.#response.writeHead(200, { 'content-type': type, 'access-control-allow-origin': '*' })
    this.#response.flushHeaders()
  }

  message(content: Uint8Array): void {
    this.begin()
    this.#write(frame(dataFlag, content))
  }

  end(code: number, text: string): void {
    const trailers = `grpc-status:${code}\r\ngrpc-message:${encodeURIComponent(text)}\r\n`
    this.begin()
    this.#write(frame(trailerFlag, Buffer.from(trailers)))
    this.#response.end()
  }

  /** Each frame is base64 of its own: decoders take padding in the middle of a stream. */
  #write(bytes: Buffer): void {
    this.#response.write(this.#text ? bytes.toString('base64') : bytes)
  }
}

function frame(flag: number, content: Uint8Array): Buffer {
  const framed = Buffer.alloc(5 + content.length)
  framed[0] = flag
  framed.writeUInt32BE(content.length, 1)
  framed.set(content, 5)
  return framed
}
