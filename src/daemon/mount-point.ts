import { lstatSync, realpathSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { MountError } from '../fuse/driver.ts'
import { mountOfDescriptor } from '../fuse/mount/connection.ts'
import { Trouble } from '../terms/trouble.ts'
import type { Directories } from './directories.ts'

/** A /dev/fuse that mount.fuse3 has opened and mounted for us. */
const openedDevice = /^\/dev\/fd\/(\d+)$/

/** Whether that is a `/dev/fd/N`, whose mount options were chosen elsewhere. */
export function isOpenedDevice(mountPoint: string): boolean {
  return openedDevice.test(mountPoint)
}

/** An absolute path without links, or `/dev/fd/N` as it is. Throws Trouble `mount-point`. */
export function mountPointOf(text: string): string {
  if (openedDevice.test(text)) return text
  const path = resolve(text)
  try {
    // Of a dead mount only the parent can be looked at; the driver cleans it.
    return join(
      realpathSync(join(path, '..')),
      path === '/' ? '' : path.slice(path.lastIndexOf('/') + 1),
    )
  } catch (cause) {
    throw new Trouble('mount-point', `${path} is not there: make the directory first`, { cause })
  }
}

/**
 * A mount that covered the daemon's own state or cache (or lay in them) would wait for itself. Throws Trouble
 * `mount-point`.
 */
export function checkApart(mountPoint: string, { state, cache, config }: Directories): void {
  if (openedDevice.test(mountPoint)) return
  for (const [what, directory] of Object.entries({ state, cache, configuration: config })) {
    if (within(directory, mountPoint) || within(mountPoint, directory)) {
      throw new Trouble(
        'mount-point',
        `${mountPoint} cannot be the mount point: the ${what} directory of walrusfs is ${directory}, and the mount would wait for itself; nothing was mounted`,
      )
    }
  }
}

/** Where a mount that was made through `/dev/fd/N` is seen. */
export function seenAt(mountPoint: string): string {
  const fd = openedDevice.exec(mountPoint)?.[1]
  return (fd === undefined ? undefined : mountOfDescriptor(Number(fd))?.mountPoint) ?? mountPoint
}

/** What a failed mount means to a person. */
export function mountTrouble(error: unknown, mountPoint: string): unknown {
  if (!(error instanceof MountError)) return error
  const cause = { cause: error }
  switch (error.code) {
    case 'not-a-directory':
      return new Trouble('mount-point', notADirectory(mountPoint), cause)
    case 'not-empty':
      return new Trouble(
        'mount-point',
        `${mountPoint} is not empty, and its files would be hidden; take another directory, or add -o nonempty`,
        cause,
      )
    case 'busy':
    case 'stale':
      return new Trouble('mount-point', `${error.message}; nothing was mounted`, cause)
    case 'no-dev-fuse':
    case 'no-fusermount':
    case 'no-libfuse':
    case 'allow-other':
    case 'refused':
      return new Trouble('fuse', `${error.message}; walrusfs doctor says what is missing`, cause)
  }
}

function notADirectory(path: string): string {
  return lstatSync(path, { throwIfNoEntry: false })
    ? `${path} is not a directory`
    : `${path} is not there: make the directory first`
}

function within(inner: string, outer: string): boolean {
  const path = relative(real(outer), real(inner))
  return path === '' || (!path.startsWith('..') && !path.startsWith('/'))
}

/** As far as it exists. */
function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const parent = join(path, '..')
    return parent === path ? path : join(real(parent), path.slice(path.lastIndexOf('/') + 1))
  }
}
