import { readdir, realpath, stat, statfs } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MountError } from '../driver.ts'
import { mountAt } from './mount-table.ts'
import { unmountPath } from './unmount.ts'

/** How long a mount that is there already may take to answer. */
const probeMs = 2000
/** As many mounts as one may find dead on top of each other. */
const maxStale = 16

/** What is mounted somewhere: nothing, something that works, or one whose server is gone (ENOTCONN). */
export type Occupation = 'free' | 'busy' | 'stale'

/** Looks at a path without waiting for a server that does not answer. */
export async function occupationOf(path: string): Promise<Occupation> {
  if (!mountAt(path)) return 'free'
  const probe = statfs(path).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code,
  )
  const code = await Promise.race([probe, sleep(probeMs, undefined, { ref: false })])
  return isOfDeadMount(code) ? 'stale' : 'busy'
}

/** Whether it is the errno of a call on a mount whose server is gone. */
export function isOfDeadMount(code: string | undefined): boolean {
  return code === 'ENOTCONN' || code === 'ECONNABORTED'
}

/**
 * The directory to mount on, as the mount table will call it: absolute, no symbolic links. What a dead daemon has left mounted there is
 * taken away (lazily, since programs may still stand in it). Throws {@link MountError} where it cannot be mounted.
 */
export async function prepareMountPoint(given: string, nonEmpty: boolean): Promise<string> {
  if (!isAbsolute(given)) throw new MountError('not-a-directory', `${given} is no absolute path`)
  const path = await resolveMountPoint(given)
  await clearStale(path)
  await checkDirectory(path, nonEmpty)
  return path
}

/** Resolves all links but does not look into what is mounted at the path itself. */
export async function resolveMountPoint(given: string): Promise<string> {
  try {
    const parent = await realpath(dirname(given))
    const path = join(parent, basename(given))
    return mountAt(path) ? path : await realpath(path)
  } catch (error) {
    throw notADirectory(given, error)
  }
}

async function clearStale(path: string): Promise<void> {
  for (let found = 0; found < maxStale; found++) {
    const occupation = await occupationOf(path)
    if (occupation === 'free') return
    if (occupation === 'busy') {
      throw new MountError(
        'busy',
        `${path}: ${mountAt(path)?.source ?? 'something'} is mounted there`,
      )
    }
    await unmountStale(path)
  }
}

async function unmountStale(path: string): Promise<void> {
  try {
    await unmountPath(path, true)
  } catch (cause) {
    const how = `fusermount3 -uz ${path}`
    throw new MountError('stale', `a dead mount is at ${path}; take it away with: ${how}`, {
      cause,
    })
  }
}

async function checkDirectory(path: string, nonEmpty: boolean): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    throw notADirectory(path, error)
  })
  if (!found.isDirectory()) throw new MountError('not-a-directory', `${path} is not a directory`)
  if (nonEmpty) return
  const names = await readdir(path).catch(() => [])
  if (names.length === 0) return
  throw new MountError('not-empty', `${path} is not empty; -o nonempty hides what is in it`)
}

function notADirectory(path: string, cause: unknown): MountError {
  const code = (cause as NodeJS.ErrnoException).code
  const why = code === 'ENOENT' ? 'does not exist' : `cannot be entered (${code})`
  return new MountError('not-a-directory', `${path} ${why}`, { cause })
}
