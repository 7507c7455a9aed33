import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { DriveStatus } from '../../src/control/status.ts'

/** What a daemon takes at a moment. Memory and disk in bytes. */
export interface Reading {
  /** Since the beginning of the soak. */
  readonly atMs: number
  readonly side: string
  /** Which of the side's daemons, from 0 on. */
  readonly life: number
  readonly resident: number
  /** Resident, and not of files. */
  readonly anonymous: number
  /** Shared pages counted in part. */
  readonly proportional: number
  readonly descriptors: number
  readonly sockets: number
  readonly threads: number
  readonly journal: number
  readonly staging: number
  readonly cacheDisk: number
  readonly cacheMemory: number
  /** The daemon's log. */
  readonly log: number
  readonly dirty: number
  readonly usedInodes: number
  readonly sequence: number
  /** Of this life so far. */
  readonly commits: number
  readonly appends: number
  readonly uploaded: number
  /** How long status took to answer. */
  readonly statusMs: number
  /** Nobody works. */
  readonly isResting: boolean
}

export type ProcessReading = Pick<
  Reading,
  'resident' | 'anonymous' | 'proportional' | 'descriptors' | 'sockets' | 'threads'
>

/** What the kernel says of a process (proc_pid_status(5), proc_pid_smaps_rollup(5)). Throws when it has ended. */
export function processReading(pid: number): ProcessReading {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(pid, fd))
  return {
    resident: kilobytes(status, 'VmRSS'),
    anonymous: kilobytes(status, 'RssAnon'),
    proportional: kilobytes(rollup, 'Pss'),
    descriptors: links.length,
    sockets: links.filter((link) => link.startsWith('socket:')).length,
    threads: Number(/^Threads:\s+(\d+)/m.exec(status)?.[1]),
  }
}

/** What a descriptor stands for; '' if it was closed meanwhile. */
function linkOf(pid: number, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`)
  } catch {
    return ''
  }
}

function kilobytes(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) * 1024
}

/** Of the files below a directory, as they lie on the disk; 0 where it is not. */
export function diskBytes(directory: string): number {
  let sum = 0
  try {
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) sum += sizeOf(join(entry.parentPath, entry.name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return sum
}

function sizeOf(path: string): number {
  try {
    return statSync(path).blocks * 512
  } catch {
    return 0
  }
}

/** What a daemon says of itself. */
export function statusReading({ cache, writeback, usedInodes, sequence }: DriveStatus) {
  return {
    cacheMemory: cache.memoryBytes,
    dirty: writeback.dirtyBytes,
    usedInodes,
    sequence: Number(sequence),
    commits: writeback.commits,
    appends: writeback.appends,
    uploaded: writeback.uploadedBytes,
  } satisfies Partial<Reading>
}
