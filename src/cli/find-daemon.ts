import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { Trouble } from '../terms/trouble.ts'
import { daemonFiles, type DaemonFile } from '../daemon/daemon-file.ts'
import { directoriesOf, type Directories } from '../daemon/directories.ts'
import { splitMoment } from '../daemon/past/moment.ts'
import { systemClock } from '../runtime/clock.ts'

/**
 * The daemon of a mount point or of a drive's name; without either, the only one that runs. Throws Trouble
 * `not-running`.
 */
export function findDaemon(directories: Directories, wanted: string | undefined): DaemonFile {
  const running = runningDaemons(directories)
  const list = running.map((daemon) => `${daemon.drive} on ${daemon.mountPoint}`).join(', ')
  if (wanted === undefined) {
    const [only, other] = running
    if (!only) throw new Trouble('not-running', 'no drive is mounted')
    if (other) throw new Trouble('usage', `say which mount is meant: ${list}`)
    return only
  }
  const path = realPath(wanted)
  const found = running.find((daemon) => daemon.mountPoint === path || daemon.drive === wanted)
  if (found) return found
  throw new Trouble(
    'not-running',
    `no walrusfs daemon of this user serves ${wanted}${list ? `; mounted: ${list}` : ''}`,
  )
}

/** The daemons of all mounts of this user, and of the system as far as this user may look. */
export function runningDaemons(directories: Directories): DaemonFile[] {
  return everyDaemonFile(directories).filter((daemon) => alive(daemon.pid))
}

function everyDaemonFile(directories: Directories): DaemonFile[] {
  const roots = new Set([directories.state, directoriesOf(process.env, true).state])
  return [...roots].flatMap(filesIn)
}

function filesIn(stateRoot: string): DaemonFile[] {
  try {
    return daemonFiles(stateRoot)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return []
    throw error
  }
}

/** The same for who may also mean a drive that is not mounted: undefined then. */
export function runningDaemon(directories: Directories, wanted: string): DaemonFile | undefined {
  try {
    return findDaemon(directories, wanted)
  } catch (error) {
    if (error instanceof Trouble && error.code === 'not-running') return undefined
    throw error
  }
}

/** The name of a drive that is given by it or by its mount point, with the `@MOMENT` that stands behind. */
export function driveNamed(directories: Directories, wanted: string): string {
  const daemon = runningDaemon(directories, wanted)
  if (daemon) return daemon.drive
  const { drive, at } = splitMoment(wanted)
  const named = at === undefined ? undefined : runningDaemon(directories, drive)?.drive
  return named === undefined ? wanted : `${named}@${at}`
}

/**
 * The drive, and the path in it, of what may be a drive, a mount, or a directory in a mount; `path` is below it.
 */
export function driveAndPath(
  directories: Directories,
  wanted: string,
  path = '/',
): { readonly drive: string; readonly path: string } {
  if (runningDaemon(directories, wanted)) return { drive: driveNamed(directories, wanted), path }
  const real = wanted.includes('/') || existsSync(wanted) ? realPath(wanted) : undefined
  const around = runningDaemons(directories)
    .filter(({ mountPoint }) => real?.startsWith(`${mountPoint}/`))
    .sort((a, b) => b.mountPoint.length - a.mountPoint.length)[0]
  if (!around) return { drive: driveNamed(directories, wanted), path }
  return { drive: around.drive, path: `${real!.slice(around.mountPoint.length)}/${path}` }
}

/** Whether a daemon that has ended took its leave: one that was killed could not. */
export function hasTakenLeave(directories: Directories, { pid, socket }: DaemonFile): boolean {
  return !everyDaemonFile(directories).some((one) => one.pid === pid && one.socket === socket)
}

/** The daemon's last writes are done when its process is gone. */
export async function ended(pid: number, signal: AbortSignal): Promise<void> {
  while (alive(pid)) await systemClock.sleep(20, signal)
}

/** Not through the mount itself where it hangs: only the parent is looked at when that fails. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
