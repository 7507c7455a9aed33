import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { Trouble } from '../terms/trouble.ts'
import type { ControlProgress, ControlReply, ControlRequest, ControlResults } from './protocol.ts'

/**
 * Asks a daemon through its control socket. Throws Trouble: `not-running` when nobody answers there, else what the
 * daemon said.
 */
export async function ask<Op extends ControlRequest['op']>(
  socketPath: string,
  request: Extract<ControlRequest, { op: Op }>,
  progress: (progress: ControlProgress) => void,
  signal: AbortSignal,
): Promise<ControlResults[Op]> {
  const socket = connect(socketPath)
  const abort = () => socket.destroy()
  signal.addEventListener('abort', abort, { once: true })
  try {
    await once(socket, 'connect', { signal })
    socket.write(`${JSON.stringify(request)}\n`)
    for await (const reply of replies(socket)) {
      if ('progress' in reply) progress(reply.progress)
      else if ('error' in reply) throw new Trouble(reply.error.code, reply.error.message)
      else return reply.result as ControlResults[Op]
    }
    signal.throwIfAborted()
    throw new Trouble(
      'not-running',
      'the daemon ended before it answered; mount again to see what is left to do',
    )
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Trouble) throw error
    throw new Trouble('not-running', `no daemon answers at ${socketPath}`, { cause: error })
  } finally {
    signal.removeEventListener('abort', abort)
    socket.destroy()
  }
}

/** Iterating the socket itself, not readline: that would wait for ever on a socket that is destroyed. */
async function* replies(socket: Socket): AsyncGenerator<ControlReply> {
  let rest = ''
  for await (const chunk of socket.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line) as ControlReply
  }
}
