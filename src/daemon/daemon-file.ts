import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { mkdirSync } from 'node:fs'
import { Trouble } from '../terms/trouble.ts'

/** Tells the command line where a running daemon is: `daemon.json` in its state directory. */
export interface DaemonFile {
  readonly pid: number
  readonly drive: string
  readonly mountPoint: string
  readonly socket: string
}

const fileName = 'daemon.json'

/** Linux and macOS keep socket paths in about this many bytes. */
const maxSocketPath = 100

/** Where a daemon's control socket goes: its state directory, or a short path of the user's own when that is too deep. */
export function socketPathOf(stateDirectory: string, env: NodeJS.ProcessEnv): string {
  const near = join(stateDirectory, 'control.sock')
  if (Buffer.byteLength(near) <= maxSocketPath) return near
  const id = createHash('sha256').update(stateDirectory).digest('hex').slice(0, 16)
  const parent = env['XDG_RUNTIME_DIR'] ?? join(tmpdir(), `walrusfs-${userInfo().uid}`)
  mkdirSync(parent, { recursive: true, mode: 0o700 })
  checkOwn(parent)
  return join(parent, `walrusfs-${id}.sock`)
}

/** In a directory for everybody, somebody else may have made it first. */
function checkOwn(directory: string): void {
  const { uid, mode } = lstatSync(directory)
  if (uid === userInfo().uid && (mode & 0o077) === 0) return
  throw new Trouble(
    'config',
    `${directory} must belong to you alone for the control socket in it: take it away (or set XDG_RUNTIME_DIR, or a shorter WALRUSFS_HOME)`,
  )
}

export function writeDaemonFile(stateDirectory: string, daemon: DaemonFile): void {
  writeFileSync(join(stateDirectory, fileName), `${JSON.stringify(daemon)}\n`, { mode: 0o600 })
}

export function removeDaemonFile(stateDirectory: string): void {
  rmSync(join(stateDirectory, fileName), { force: true })
}

/** The daemons that say they run with state below this directory; some may have died without a word. */
export function daemonFiles(stateRoot: string): DaemonFile[] {
  if (!existsSync(stateRoot)) return []
  return readdirSync(stateRoot).flatMap((drive) => readDaemonFile(join(stateRoot, drive)) ?? [])
}

/** What a state directory says of its daemon. */
export function readDaemonFile(stateDirectory: string): DaemonFile | undefined {
  const path = join(stateDirectory, fileName)
  if (!existsSync(path)) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DaemonFile
  } catch {
    return undefined
  }
}
