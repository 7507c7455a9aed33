import { chmodSync, lchownSync, lutimesSync } from 'node:fs'
import { setPathTimes, setPathXattr } from '../runtime/path-attributes.ts'
import { nameBytes } from '../terms/name.ts'
import type { Inode } from '../tree/inode.ts'

/**
 * Gives a local file, directory or symlink the owner (as root), mode, extended attributes and times of an inode. Returns how many
 * extended attributes this machine has not taken.
 */
export function setLocalAttributes(inode: Inode, local: Buffer): number {
  if (process.getuid?.() === 0) lchownSync(local, inode.uid, inode.gid)
  if (!inode.target) chmodSync(local, inode.mode & 0o7777)
  let refused = 0
  for (const [name, value] of inode.xattrs ?? []) {
    if (!setPathXattr(local, nameBytes(name), value)) refused++
  }
  const [atime, mtime] = [
    { sec: inode.atimeSec, nsec: inode.atimeNsec },
    { sec: inode.mtimeSec, nsec: inode.mtimeNsec },
  ]
  const isSet = setPathTimes(local, atime, mtime)
  if (!isSet) lutimesSync(local, atime.sec + atime.nsec / 1e9, mtime.sec + mtime.nsec / 1e9)
  return refused
}
