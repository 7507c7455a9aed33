import type { Name } from '../../terms/name.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import { isSameBytes, isSameContent } from './same-inode.ts'

/**
 * Gives our version of an inode what theirs changed of it. A field that one side changed is that side's; of one that both
 * changed, theirs, of times the later one; bytes go as a whole, with their mtime.
 */
export function mergeFields(ours: TreeInode, base: TreeInode, theirs: TreeInode): void {
  const areBytesOurs = !isSameContent(ours, base)
  for (const field of ['mode', 'uid', 'gid', 'rdev'] as const) {
    ours[field] = merged(ours[field], base[field], theirs[field])
  }
  ours.xattrs = mergeXattrs(ours, base, theirs)
  mergeTime(ours, base, theirs, 'atime', false)
  mergeTime(ours, base, theirs, 'mtime', areBytesOurs)
  mergeTime(ours, base, theirs, 'ctime', false)
  if (!areBytesOurs) takeContent(ours, theirs)
}

/** Makes the bytes of a file those of another record of it. */
export function takeContent(file: TreeInode, from: TreeInode): void {
  const { size, coveredBytes, extentTree, extentPage, extentsAt, contentChanged } = from
  Object.assign(file, { size, coveredBytes, extentTree, extentPage, extentsAt, contentChanged })
  file.extentList = from.extentList?.snapshot()
}

/** Makes all that is stored of an inode what a record says, but for a directory's names and the count of links. */
export function takeFields(inode: TreeInode, from: TreeInode): void {
  const { mode, uid, gid, rdev, xattrs, target } = from
  Object.assign(inode, { mode, uid, gid, rdev, xattrs, target })
  for (const time of ['atime', 'mtime', 'ctime'] as const) takeTime(inode, from, time)
  takeContent(inode, from)
}

function merged(ours: number, base: number, theirs: number): number {
  return theirs === base ? ours : theirs
}

function mergeXattrs(
  ours: TreeInode,
  base: TreeInode,
  theirs: TreeInode,
): ReadonlyMap<Name, Uint8Array> | undefined {
  const all = new Map(theirs.xattrs)
  for (const name of new Set([...(ours.xattrs?.keys() ?? []), ...(base.xattrs?.keys() ?? [])])) {
    const [a, b, c] = [ours.xattrs?.get(name), base.xattrs?.get(name), theirs.xattrs?.get(name)]
    if (!isSameValue(c, b) || isSameValue(a, b)) continue
    if (a) all.set(name, a)
    else all.delete(name)
  }
  return all.size > 0 ? all : undefined
}

function isSameValue(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && isSameBytes(a, b))
}

type Time = 'atime' | 'mtime' | 'ctime'

function mergeTime(
  ours: TreeInode,
  base: TreeInode,
  theirs: TreeInode,
  time: Time,
  isOurs: boolean,
): void {
  const theyChanged = !isSameTime(theirs, base, time)
  const weChanged = isOurs || !isSameTime(ours, base, time)
  if (theyChanged && (!weChanged || isLater(theirs, ours, time))) takeTime(ours, theirs, time)
}

function isSameTime(a: TreeInode, b: TreeInode, time: Time): boolean {
  return a[`${time}Sec`] === b[`${time}Sec`] && a[`${time}Nsec`] === b[`${time}Nsec`]
}

function isLater(a: TreeInode, b: TreeInode, time: Time): boolean {
  const [aSec, bSec] = [a[`${time}Sec`], b[`${time}Sec`]]
  return aSec > bSec || (aSec === bSec && a[`${time}Nsec`] > b[`${time}Nsec`])
}

function takeTime(inode: TreeInode, from: TreeInode, time: Time): void {
  inode[time] = { sec: from[`${time}Sec`], nsec: from[`${time}Nsec`] }
}
