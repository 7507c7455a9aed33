import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { DaemonFile } from '../daemon/daemon-file.ts'
import type { Directories } from '../daemon/directories.ts'
import { Trouble } from '../terms/trouble.ts'
import { runningDaemons } from './find-daemon.ts'

/** A path of a mounted drive. */
export interface PlaceInMount {
  readonly daemon: DaemonFile
  /** In the drive, from its root on. */
  readonly path: string
}

/**
 * Where a path lies in the mounts of this user; symlinks are followed. Throws Trouble `not-found` where there is no such file unless it
 * `mayBeGone`, and `not-mounted` where the path lies in no mount.
 */
export function placeInMount(
  directories: Directories,
  path: string,
  mayBeGone = false,
): PlaceInMount {
  const real = realPath(path, mayBeGone)
  let best: DaemonFile | undefined
  for (const daemon of runningDaemons(directories)) {
    const { mountPoint } = daemon
    const isIn = real === mountPoint || real.startsWith(`${mountPoint}/`)
    if (isIn && mountPoint.length > (best?.mountPoint.length ?? 0)) best = daemon
  }
  if (!best) {
    throw new Trouble('not-mounted', `${path} lies in no drive that is mounted by this user`)
  }
  return { daemon: best, path: real.slice(best.mountPoint.length) || '/' }
}

/** The same for several, by mount. */
export function placesByMount(
  directories: Directories,
  paths: readonly string[],
  mayBeGone = false,
): { readonly daemon: DaemonFile; readonly paths: readonly string[] }[] {
  const byMount = new Map<string, { daemon: DaemonFile; paths: string[] }>()
  for (const given of paths) {
    const { daemon, path } = placeInMount(directories, given, mayBeGone)
    const known = byMount.get(daemon.mountPoint)
    if (known) known.paths.push(path)
    else byMount.set(daemon.mountPoint, { daemon, paths: [path] })
  }
  return [...byMount.values()]
}

function realPath(path: string, mayBeGone: boolean): string {
  const whole = resolve(path)
  try {
    return realpathSync(whole)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const isGone = code === 'ENOENT' || code === 'ENOTDIR'
    if (isGone && !mayBeGone) throw new Trouble('not-found', `there is no ${path}`)
    // Of what cannot be looked at, the directory that it lies in may be.
    return whole === '/' ? whole : join(realPath(dirname(whole), true), basename(whole))
  }
}
