import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import type { ControlProgress } from '../control/protocol.ts'
import { Trouble } from '../terms/trouble.ts'
import type { Inode } from '../tree/inode.ts'
import { dataOf, inodeAt, isDirectory, isRegular, walk, type Files } from './drive-files.ts'
import { setLocalAttributes } from './local-attributes.ts'

/** What a copy out of a drive has done. */
export interface FetchedTree {
  readonly files: number
  readonly bytes: number
  /** Devices, sockets and pipes are left out. */
  readonly leftOut: number
  /** Extended attributes that this machine has not taken. */
  readonly xattrsLeftOut: number
}

/** Blocks of zeros of this size, at such places, become holes. */
const holeBytes = 4096

/**
 * Copies a file or a directory with modes, times, extended attributes, hard links, symlinks and holes (as root, owners, too) to a new
 * local path, and to nowhere else. Throws Trouble `not-found`, `damaged`; what was copied before stays.
 */
export async function fetchTree(
  drive: Files,
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
  drive: Files,
  path: string,
  target: string,
  progress: (progress: ControlProgress) => void,
  signal: AbortSignal,
): Promise<FetchedTree> {
  const top = await inodeAt(drive, path)
  const total = isRegular(top) ? top.size : (drive.worktree.usedBytes ?? 0)
  let [files, bytes, leftOut, xattrsLeftOut] = [0, 0, 0, 0]
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
      xattrsLeftOut += setLocalAttributes(inode, local)
      if (inode.nlink > 1) first.set(inode, local)
    } else if (isRegular(inode)) {
      const share = (done: number) => progress({ step: 'get', done: bytes + done, total })
      bytes += await fetchFile(drive, inode, local, share, signal)
      xattrsLeftOut += setLocalAttributes(inode, local)
      if (inode.nlink > 1) first.set(inode, local)
      files++
    } else leftOut++
  }
  for (const { inode, local } of directories.reverse()) {
    xattrsLeftOut += setLocalAttributes(inode, local)
  }
  return { files, bytes, leftOut, xattrsLeftOut }
}

async function fetchFile(
  drive: Files,
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
      for (const [from, to] of runsOf(bytes)) writeSync(fd, bytes, from, to - from, offset + from)
      progress(offset + bytes.length)
    }
  } finally {
    closeSync(fd)
  }
  return file.size
}

/** Where bytes are to be written: runs of blocks that are not all zeros. */
function* runsOf(bytes: Uint8Array): Generator<readonly [from: number, to: number]> {
  let from: number | undefined
  for (let at = 0; at < bytes.length; at += holeBytes) {
    const isHole = bytes.subarray(at, at + holeBytes).every((byte) => byte === 0)
    if (!isHole) from ??= at
    else if (from !== undefined) {
      yield [from, at]
      from = undefined
    }
  }
  if (from !== undefined) yield [from, bytes.length]
}
