import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { Trouble } from '../terms/trouble.ts'
import type { Log } from '../runtime/log.ts'
import { maxRequestBytes, parseRequest } from './protocol.ts'
import type { ControlProgress, ControlReply, ControlRequest, ControlResults } from './protocol.ts'

/** Does what the socket asks for; the daemon brings it. */
export type ControlHandler = {
  readonly [Op in ControlRequest['op']]: (
    request: Extract<ControlRequest, { op: Op }>,
    progress: (progress: ControlProgress) => void,
    signal: AbortSignal,
  ) => ControlResults[Op] | Promise<ControlResults[Op]>
}

/** Serves a daemon's control socket, for its owner alone (0600). */
export class ControlServer {
  readonly #server: Server
  readonly #path: string
  readonly #sockets = new Set<Socket>()
  readonly #answers = new Set<Promise<void>>()

  private constructor(server: Server, path: string) {
    this.#server = server
    this.#path = path
  }

  /** Listens at `path`; a socket left there by a daemon that died is replaced (the caller holds the state lock). */
  static async open(path: string, handler: ControlHandler, log: Log): Promise<ControlServer> {
    rmSync(path, { force: true })
    const server = createServer()
    const control = new ControlServer(server, path)
    server.on('connection', (socket) => control.#serve(socket, handler, log))
    const umask = process.umask(0o177)
    try {
      server.listen(path)
      await once(server, 'listening')
    } finally {
      process.umask(umask)
    }
    chmodSync(path, 0o600)
    server.unref()
    return control
  }

  /** Ends the socket when what was asked is answered. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#answers)
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.end()
    await closed
    rmSync(this.#path, { force: true })
  }

  #serve(socket: Socket, handler: ControlHandler, log: Log): void {
    const gone = new AbortController()
    this.#sockets.add(socket)
    socket.on('error', (error) => log.debug('a control client went away', { why: error.message }))
    socket.on('close', () => {
      this.#sockets.delete(socket)
      gone.abort(new Error('the control client went away'))
    })
    let pending = 0
    socket.on('data', (chunk) => {
      pending = chunk.includes(10) ? 0 : pending + chunk.length
      if (pending > maxRequestBytes) socket.destroy()
    })
    const lines = createInterface({ input: socket, crlfDelay: Infinity })
    lines.on('line', (line) => {
      const answered = answer(line, handler, socket, gone.signal, log)
      this.#answers.add(answered)
      void answered.finally(() => this.#answers.delete(answered))
    })
  }
}

async function answer(
  line: string,
  handler: ControlHandler,
  socket: Socket,
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  const send = (reply: ControlReply) => {
    if (socket.writable) socket.write(`${JSON.stringify(reply)}\n`)
  }
  const request = parseRequest(line)
  if (!request) {
    send({ error: { code: 'usage', message: 'the daemon does not know this request' } })
    return
  }
  try {
    send({ result: await run(handler, request, (progress) => send({ progress }), signal) })
  } catch (error) {
    const code = error instanceof Trouble ? error.code : 'failed'
    const message = error instanceof Error ? error.message : String(error)
    if (code === 'failed') log.error('a control request failed', { op: request.op, why: message })
    send({ error: { code, message } })
  }
}

function run(
  handler: ControlHandler,
  request: ControlRequest,
  progress: (progress: ControlProgress) => void,
  signal: AbortSignal,
): unknown {
  switch (request.op) {
    case 'status':
      return handler.status(request, progress, signal)
    case 'sync':
      return handler.sync(request, progress, signal)
    case 'estimate':
      return handler.estimate(request, progress, signal)
    case 'unmount':
      return handler.unmount(request, progress, signal)
    case 'renew':
      return handler.renew(request, progress, signal)
    case 'gc':
      return handler.gc(request, progress, signal)
    case 'revive':
      return handler.revive(request, progress, signal)
    case 'restore':
      return handler.restore(request, progress, signal)
    case 'warmup':
      return handler.warmup(request, progress, signal)
    case 'pin':
      return handler.pin(request, progress, signal)
    case 'unpin':
      return handler.unpin(request, progress, signal)
    case 'offline':
      return handler.offline(request, progress, signal)
    case 'bwlimit':
      return handler.bwlimit(request, progress, signal)
    case 'metrics':
      return handler.metrics(request, progress, signal)
    case 'dashboard':
      return handler.dashboard(request, progress, signal)
  }
}
