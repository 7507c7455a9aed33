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
import type { Inode } from '../tree/inode.ts'
import { bytesOf, inodeAt, isDirectory, isRegular, walk } from './drive-files.ts'
import type { Drive } from './open-drive.ts'

/** What a copy out of a drive has done. */
export interface FetchedTree {
  readonly files: number
  readonly bytes: number
  /** Devices, sockets and pipes are left out. */
  readonly leftOut: number
}

/** Copies a file or a directory with modes, times, hard links and symlinks to a new local path. Throws Trouble `not-found`. */
export async function fetchTree(
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
      bytes += await fetchFile(drive, inode, local, share)
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
): Promise<number> {
  const fd = openSync(local, 'wx', 0o600)
  let at = 0
  try {
    for await (const chunk of bytesOf(drive, file)) {
      // Blocks of zeros stay holes.
      if (chunk.some((byte) => byte !== 0)) writeSync(fd, chunk, 0, chunk.length, at)
      progress((at += chunk.length))
    }
    ftruncateSync(fd, file.size)
  } finally {
    closeSync(fd)
  }
  finish(file, local)
  return at
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
