import { closeSync, mkdirSync, openSync, unlinkSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { FuseDevice } from './device.ts'

const { EPERM, ELOOP } = constants.errno

/** Gives the kernel a file of a directory and takes it back. Why that does not go, or undefined. */
export function whyNotBacked(device: FuseDevice, directory: string): string | undefined {
  try {
    const descriptor = newFileIn(directory)
    try {
      const backing = device.openBacking(descriptor)
      if (backing < 0) return reasonOf(-backing, directory)
      device.closeBacking(backing)
      return undefined
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    return `no file can be made in ${directory} (${(error as NodeJS.ErrnoException).code})`
  }
}

/** Without a name. */
function newFileIn(directory: string): number {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, `probe-${process.pid}`)
  const descriptor = openSync(path, 'w+', 0o600)
  unlinkSync(path)
  return descriptor
}

function reasonOf(errno: number, directory: string): string {
  if (errno === EPERM) return 'the daemon lacks the right (CAP_SYS_ADMIN: mount as root)'
  if (errno === ELOOP)
    return `${directory} lies on a file system that stands on another (overlayfs, FUSE)`
  return `the kernel refuses files of ${directory} (errno ${errno})`
}
