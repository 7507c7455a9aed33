import type { Change } from '../change.ts'
import { FileType } from '../inode.ts'
import type { Timestamp } from '../time.ts'
import { TreeInode } from './tree-inode.ts'
import type { TreeState } from './tree-state.ts'

type ChangeOf<T extends Change['type']> = Extract<Change, { type: T }>

/** A new inode under a new name. */
export function make(state: TreeState, change: ChangeOf<'make'>): TreeInode {
  const parent = state.directory(change.parent)
  const inode = newInode(change)
  inode.bound = state.generation
  state.nextIno = Math.max(state.nextIno, inode.ino + 1)
  state.inodes.set(inode.ino, inode)
  changeNames(state, parent, change.time)
  state.setName(parent, change.name, inode)
  if (inode.isDirectory) parent.nlink++
  state.countNamed(inode)
  return inode
}

function newInode(change: ChangeOf<'make'>): TreeInode {
  const inode = new TreeInode(change.ino, change.mode)
  inode.nlink = inode.isDirectory ? 2 : 1
  inode.uid = change.uid
  inode.gid = change.gid
  inode.rdev = change.rdev
  inode.dirty = true
  inode.atime = inode.mtime = inode.ctime = change.time
  if ((change.mode & FileType.mask) === FileType.symlink) {
    inode.target = change.target ?? new Uint8Array()
    inode.size = inode.target.length
  }
  return inode
}

/** One more name for an inode, or the first one for a file without any. */
export function link(state: TreeState, change: ChangeOf<'link'>): TreeInode {
  const inode = state.inode(change.ino)
  const parent = state.directory(change.parent)
  state.edit(inode)
  changeNames(state, parent, change.time)
  inode.ctime = change.time
  inode.linked ||= inode.nlink > 0
  state.setName(parent, change.name, inode)
  if (inode.nlink++ === 0) state.countNamed(inode)
  // A file that was made without a name comes to be known by it.
  state.nextIno = Math.max(state.nextIno, inode.ino + 1)
  state.edit(inode)
  return inode
}

/** Takes a name away. */
export function unlink(state: TreeState, change: ChangeOf<'unlink'>): TreeInode {
  const parent = state.directory(change.parent)
  const inode = state.named(parent, change.name)
  changeNames(state, parent, change.time)
  loseName(state, parent, inode, change.time)
  state.setName(parent, change.name, undefined)
  return inode
}

/** Moves a name. */
export function rename(state: TreeState, change: ChangeOf<'rename'>): TreeInode {
  const { time, newName } = change
  const parent = state.directory(change.parent)
  const newParent = state.directory(change.newParent)
  const moved = state.named(parent, change.name)
  const replaced = newParent.names!.get(newName)
  if (moved === replaced) return moved
  changeNames(state, parent, time)
  changeNames(state, newParent, time)
  state.edit(moved)
  moved.ctime = time
  if (replaced && change.exchange) {
    state.edit(replaced)
    replaced.ctime = time
    if (replaced.isDirectory) countSubdirectory(newParent, parent)
  } else if (replaced) {
    loseName(state, newParent, replaced, time)
  }
  if (moved.isDirectory) countSubdirectory(parent, newParent)
  state.setName(parent, change.name, change.exchange ? replaced : undefined)
  state.setName(newParent, newName, moved)
  return moved
}

function countSubdirectory(from: TreeInode, to: TreeInode): void {
  from.nlink--
  to.nlink++
}

function changeNames(state: TreeState, directory: TreeInode, time: Timestamp): void {
  state.edit(directory)
  directory.mtime = directory.ctime = time
}

/** The inode's count of names after one of them is gone; the name itself is the caller's. */
function loseName(state: TreeState, parent: TreeInode, inode: TreeInode, time: Timestamp): void {
  state.edit(inode)
  inode.ctime = time
  if (inode.isDirectory) parent.nlink--
  inode.nlink = inode.isDirectory ? 0 : inode.nlink - 1
  if (inode.nlink === 0) state.countNameless(inode)
}
