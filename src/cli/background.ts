import { spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, read, writeSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { daemonEnvironment } from '../runtime/allocator.ts'
import { workerUrl } from '../runtime/worker-url.ts'
import { Trouble, type TroubleCode } from '../terms/trouble.ts'
import { logFileVariable } from './bounded-log.ts'
import { descriptorsIn } from './mount-helper-call.ts'
import type { Terminal } from './terminal.ts'

/** Names the descriptor on which a process in the background tells the one that started it, a JSON line each. */
const readyVariable = 'WALRUSFS_READY_FD'

/** The command line's own module, whoever runs this. */
const program = fileURLToPath(workerUrl('main', import.meta.url))

const readLater = promisify(read)
const newline = 0x0a

type Announcement =
  | { readonly ready: unknown }
  | { readonly warning: string }
  | { readonly ask: string }
  | { readonly error: { readonly code: TroubleCode; readonly message: string } }

/**
 * Runs this program again, detached, and returns when it says that it is ready. Its later words go to a log file. Throws
 * the Trouble that it ended with. What it needs of a person is asked here, and goes to it through the same descriptor.
 */
export async function runInBackground(
  args: readonly string[],
  logFile: string,
  terminal: Terminal,
  signal: AbortSignal,
  ask: (question: string) => Promise<string | undefined> = async () => undefined,
): Promise<unknown> {
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 })
  const log = openSync(logFile, 'a', 0o600)
  const stdio: (number | 'ignore' | 'pipe')[] = ['ignore', log, log]
  for (const fd of descriptorsIn(args).filter(isOpen)) {
    while (stdio.length < fd) stdio.push('ignore')
    stdio[fd] = fd
  }
  const readyFd = stdio.push('pipe') - 1
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    detached: true,
    stdio,
    env: {
      ...compiledCode(),
      ...daemonEnvironment(process.env),
      [readyVariable]: String(readyFd),
      [logFileVariable]: logFile,
    },
  })
  closeSync(log)
  child.unref()
  const stop = () => child.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  const words = child.stdio[readyFd] as Duplex
  try {
    for await (const line of createInterface({ input: words })) {
      const said = JSON.parse(line) as Announcement
      if ('ready' in said) return said.ready
      if ('error' in said) throw new Trouble(said.error.code, said.error.message)
      if ('ask' in said) words.write(`${JSON.stringify({ answer: await ask(said.ask) })}\n`)
      else terminal.warn(said.warning)
    }
  } finally {
    signal.removeEventListener('abort', stop)
    words.destroy()
  }
  throw new Trouble('failed', `it ended before it was ready; the reason stands in ${logFile}`)
}

/** Where compiled code is kept, told from the beginning: what compiles TypeScript (8 MB) is not even loaded then. */
function compiledCode(): NodeJS.ProcessEnv {
  const directory = getCompileCacheDir()
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) }
}

/** Whether we have such a descriptor to hand on; what is not there fails in the daemon, with its own words. */
function isOpen(fd: number): boolean {
  try {
    fstatSync(fd)
    return true
  } catch {
    return false
  }
}

/** In the background process: the one that started it may go on. Nothing happens where nobody waits. */
export function announceReady(value: unknown): void {
  if (announce({ ready: value })) {
    closeSync(Number(process.env[readyVariable]))
    delete process.env[readyVariable]
  }
}

/** Passes a warning to whoever started this process; false when nobody waits. */
export function announceWarning(warning: string): boolean {
  return announce({ warning })
}

/** Passes the failure that ends this process; false when nobody waits. */
export function announceError(code: TroubleCode, message: string): boolean {
  return announce({ error: { code, message } })
}

/** Whether somebody who started this process still waits for it. */
export function isStarted(): boolean {
  return process.env[readyVariable] !== undefined
}

/** Asks whoever started this process; undefined where nobody answers. */
export async function askStarter(question: string): Promise<string | undefined> {
  if (!announce({ ask: question })) return undefined
  const file = Number(process.env[readyVariable])
  const bytes = Buffer.alloc(64 << 10)
  for (let end = 0; end < bytes.length;) {
    const { bytesRead } = await readLater(file, bytes, end, bytes.length - end, null)
    if (bytesRead === 0) return undefined
    end += bytesRead
    if (bytes[end - 1] !== newline) continue
    return (JSON.parse(bytes.toString('utf8', 0, end)) as { answer?: string }).answer
  }
  return undefined
}

function announce(said: Announcement): boolean {
  const readyFd = process.env[readyVariable]
  if (readyFd === undefined) return false
  try {
    writeSync(Number(readyFd), `${JSON.stringify(said)}\n`)
    return true
  } catch {
    return false
  }
}
