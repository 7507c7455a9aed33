import { readFileSync, writeFileSync } from 'node:fs'
import { mountAt, mountTable } from './mount-table.ts'
import type { MountEntry } from './mount-table.ts'

/** What the kernel offers beside the mount itself, under /sys. All of it may be missing: none of it is needed. */

/** The mount that a descriptor of /dev/fuse belongs to, as newer kernels tell it (proc_pid_fdinfo(5), `fuse_connection`). */
export function mountOfDescriptor(fd: number): MountEntry | undefined {
  const minor = connectionOf(fd)
  return minor === undefined
    ? undefined
    : mountTable().find((entry) => entry.device === `0:${minor}`)
}

/** Lets the kernel read ahead up to so many bytes of a file. Only root may; without it the daemon's own read-ahead has to do. */
export function raiseReadAhead(device: string, bytes: number): boolean {
  try {
    const file = `/sys/class/bdi/${device}/read_ahead_kb`
    const now = Number(readFileSync(file, 'latin1'))
    if (now * 1024 < bytes) writeFileSync(file, String(bytes / 1024))
    return true
  } catch {
    return false
  }
}

/**
 * Cuts the connection of a mount to its server, whose processes may all hang: every call in it ends with ECONNABORTED or ENOTCONN, and it can be
 * unmounted lazily. For the owner of the mount, or root. Returns false if there is no FUSE mount at the path.
 */
export function abortConnection(mountPoint: string): boolean {
  const entry = mountAt(mountPoint)
  if (!entry?.type.startsWith('fuse')) return false
  const minor = entry.device.split(':')[1]
  writeFileSync(`/sys/fs/fuse/connections/${minor}/abort`, '1')
  return true
}

function connectionOf(fd: number): number | undefined {
  try {
    const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1')
    const match = /^fuse_connection:\s*(\d+)$/m.exec(text)
    return match ? Number(match[1]) : undefined
  } catch {
    return undefined
  }
}
