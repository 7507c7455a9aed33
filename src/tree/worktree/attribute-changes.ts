import { FileType } from '../inode.ts'
import type { Change } from '../change.ts'
import { resize } from './content-changes.ts'
import type { TreeInode } from './tree-inode.ts'
import type { TreeState } from './tree-state.ts'

type ChangeOf<T extends Change['type']> = Extract<Change, { type: T }>

/** Sets the attributes that are given. The type bits of the mode stay. */
export function setAttributes(state: TreeState, change: ChangeOf<'attributes'>): TreeInode {
  const inode = state.inode(change.ino)
  state.edit(inode)
  if (change.mode !== undefined) {
    inode.mode = (inode.mode & FileType.mask) | (change.mode & ~FileType.mask)
  }
  if (change.uid !== undefined) inode.uid = change.uid
  if (change.gid !== undefined) inode.gid = change.gid
  if (change.size !== undefined) resize(state, inode, change.size)
  if (change.atime) inode.atime = change.atime
  if (change.mtime) inode.mtime = change.mtime
  inode.ctime = change.time
  return inode
}

/** Sets or takes away one extended attribute. */
export function setXattr(state: TreeState, change: ChangeOf<'xattr'>): TreeInode {
  const inode = state.inode(change.ino)
  state.edit(inode)
  const xattrs = new Map(inode.xattrs)
  if (change.value) xattrs.set(change.name, change.value)
  else xattrs.delete(change.name)
  inode.xattrs = xattrs.size > 0 ? xattrs : undefined
  inode.ctime = change.time
  return inode
}
