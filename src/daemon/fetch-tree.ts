import {
  chmodSync,
  closeSync,
  ftruncateSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import type { ControlProgress } from '../control/protocol.ts'
import { Trouble } from '../terms/trouble.ts'
import type { Inode } from '../tree/inode.ts'
import { dataOf, inodeAt, isDirectory, isRegular, walk } from './drive-files.ts'
import type { Drive } from './open-drive.ts'

/** What a copy out of a drive has done. */
export interface FetchedTree {
  readonly files: number
  readonly bytes: number
  /** Devices, sockets and pipes are left out. */
  readonly leftOut: number
}

/**
 * Copies a file or a directory with modes, times, hard links and symlinks to a new local path, and to nowhere else. Throws Trouble
 * `not-found`, `damaged`; what was copied before stays.
 */
export async function fetchTree(
  drive: Drive,
  path: string,
  target: string,
  progress: (progress: ControlProgress) => void,
  signal: AbortSignal,
): Promise<FetchedTree> {
  try {
    return await fetchAll(drive, path, target, progress, signal)
  } catch (error) {
    throw localTrouble(error)
  }
}

/** What this machine's file system refuses: a name or a size that it cannot have, or more than it has room for. */
function localTrouble(error: unknown): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException
  if (error instanceof Trouble || typeof syscall !== 'string') return error
  const kind = code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'failed'
  return new Trouble(kind, `${message}; what was copied before that stays`, { cause: error })
}

async function fetchAll(
  drive: Drive,
  path: string,
  target: string,
  progress: (progress: ControlProgress) => void,
  signal: AbortSignal,
): Promise<FetchedTree> {
  const top = await inodeAt(drive, path)
  const total = isRegular(top) ? top.size : drive.worktree.usedBytes
  let [files, bytes, leftOut] = [0, 0, 0]
  const first = new Map<Inode, Buffer>()
  const directories: { readonly inode: Inode; readonly local: Buffer }[] = []
  for await (const { path: below, inode } of walk(drive, top)) {
    signal.throwIfAborted()
    const local = Buffer.concat([Buffer.from(target), Buffer.from(below && `/${below}`, 'latin1')])
    const known = first.get(inode)
    if (known) linkSync(known, local)
    else if (isDirectory(inode)) {
      mkdirSync(local, { mode: 0o700 })
      directories.push({ inode, local })
    } else if (inode.target) {
      symlinkSync(Buffer.from(inode.target), local)
      lutimesSync(local, inode.atimeSec, inode.mtimeSec)
    } else if (isRegular(inode)) {
      const share = (done: number) => progress({ step: 'get', done: bytes + done, total })
      bytes += await fetchFile(drive, inode, local, share, signal)
      if (inode.nlink > 1) first.set(inode, local)
      files++
    } else leftOut++
  }
  for (const { inode, local } of directories.reverse()) finish(inode, local)
  return { files, bytes, leftOut }
}

async function fetchFile(
  drive: Drive,
  file: Inode,
  local: Buffer,
  progress: (done: number) => void,
  signal: AbortSignal,
): Promise<number> {
  const fd = openSync(local, 'wx', 0o600)
  try {
    // A size that no local file can have is known before the bytes are fetched.
    ftruncateSync(fd, file.size)
    for await (const { offset, bytes } of dataOf(drive, file)) {
      signal.throwIfAborted()
      // Blocks of zeros stay holes.
      if (bytes.some((byte) => byte !== 0)) writeSync(fd, bytes, 0, bytes.length, offset)
      progress(offset + bytes.length)
    }
  } finally {
    closeSync(fd)
  }
  finish(file, local)
  return file.size
}

function finish(inode: Inode, local: Buffer): void {
  chmodSync(local, inode.mode & 0o7777)
  utimesSync(
    local,
    timeOf(inode.atimeSec, inode.atimeNsec),
    timeOf(inode.mtimeSec, inode.mtimeNsec),
  )
}

function timeOf(sec: number, nsec: number): number {
  return sec + nsec / 1e9
}
