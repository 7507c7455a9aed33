import { nameFromText } from '../../src/terms/name.ts'
import type { Name } from '../../src/terms/name.ts'
import type { ExtentMap, ExtentSource } from '../../src/tree/extent-map.ts'
import { FileType } from '../../src/tree/inode.ts'
import type { Inode } from '../../src/tree/inode.ts'
import type { PieceRef } from '../../src/tree/piece-ref.ts'
import type { Worktree } from '../../src/tree/worktree/worktree.ts'
import { dumpLine } from './model-tree.ts'
import { sliceByte } from './random-changes.ts'

/** Gives the plain bytes of a piece. */
export type PieceBytes = (ref: PieceRef) => Uint8Array

/** The whole worktree in the form of `dumpModel`, loading all of it, with a check of what it shows of itself. */
export async function dumpWorktree(
  worktree: Worktree,
  pieceBytes: PieceBytes = () => new Uint8Array(),
): Promise<string[]> {
  const lines: string[] = []
  const seen = new Map<Inode, number>()
  const queue: { path: readonly Name[]; inode: Inode }[] = [{ path: [], inode: worktree.root }]
  for (const { path, inode } of queue) {
    seen.set(inode, (seen.get(inode) ?? 0) + 1)
    lines.push(await line(worktree, path, inode, pieceBytes))
    if ((inode.mode & FileType.mask) !== FileType.directory) continue
    const entries = await worktree.entries(inode)
    const children = [...entries.after(0)]
    if (children.length !== entries.count) throw new Error(`count of ${path.join('/')}`)
    for (const { name, inode: child } of children)
      queue.push({ path: [...path, name], inode: child })
  }
  const bytes = [...seen.keys()].reduce((sum, { extents }) => sum + (extents?.coveredBytes ?? 0), 0)
  if (bytes !== worktree.usedBytes) throw new Error(`${bytes} bytes, not ${worktree.usedBytes}`)
  if (seen.size !== worktree.usedInodes) throw new Error(`${seen.size}, not ${worktree.usedInodes}`)
  return [...lines.sort(), `inodes ${worktree.usedInodes} bytes ${worktree.usedBytes}`]
}

async function line(
  worktree: Worktree,
  path: readonly Name[],
  inode: Inode,
  pieceBytes: PieceBytes,
): Promise<string> {
  const isRegular = (inode.mode & FileType.mask) === FileType.regular
  const extents = isRegular ? await worktree.extents(inode) : undefined
  return dumpLine(path, {
    ino: inode.ino,
    mode: inode.mode,
    nlink: inode.nlink,
    uid: inode.uid,
    gid: inode.gid,
    rdev: inode.rdev,
    size: inode.size,
    atime: { sec: inode.atimeSec, nsec: inode.atimeNsec },
    mtime: { sec: inode.mtimeSec, nsec: inode.mtimeNsec },
    ctime: { sec: inode.ctimeSec, nsec: inode.ctimeNsec },
    xattrs: new Map([...(inode.xattrs ?? [])].map(([name, value]) => [name, textOf(value)!])),
    target: textOf(inode.target),
    bytes: bytesOf(extents, pieceBytes),
  })
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString('latin1')
}

function bytesOf(extents: ExtentMap | undefined, pieceBytes: PieceBytes): Map<number, number> {
  const bytes = new Map<number, number>()
  for (const { start, end, source } of extents?.all() ?? []) {
    for (let at = start; at < end; at++) bytes.set(at, byteOf(source, at - start, pieceBytes))
  }
  return bytes
}

export function byteOf(source: ExtentSource, index: number, pieceBytes: PieceBytes): number {
  const at = source.at + index
  if (source.kind === 'slice') return sliceByte(source.slice, at)
  return (source.kind === 'piece' ? pieceBytes(source.piece) : source.bytes)[at]!
}

/** A path as a person types it. */
export function pathOf(text: string): Name[] {
  return text.split('/').filter(Boolean).map(nameFromText)
}
