import type { Change } from '../change.ts'
import { TreeInode } from './tree-inode.ts'
import type { TreeState } from './tree-state.ts'

type ChangeOf<T extends Change['type']> = Extract<Change, { type: T }>

/** Gives an inode the state that a change carries; one that is not in memory is made. */
export function restoreInode(state: TreeState, told: TreeInode): TreeInode {
  const inode = state.inodes.get(told.ino) ?? new TreeInode(told.ino, told.mode)
  const { parent, name, retained } = inode
  const names = state.inodes.has(told.ino) ? inode.names : told.names
  state.sliceBytes += countedSliceBytes(told) - countedSliceBytes(inode)
  Object.assign(inode, told.copy(), { parent, name, names, retained, dirty: true })
  inode.bound = state.generation
  state.nextIno = Math.max(state.nextIno, inode.ino + 1)
  state.add(inode)
  state.edit(inode)
  if (inode.linked) state.touched.links.add(inode)
  return inode
}

/** Makes a name mean an inode, or nothing. */
export function restoreName(state: TreeState, change: ChangeOf<'name'>): TreeInode {
  const directory = state.directory(change.parent)
  const inode = change.ino === undefined ? undefined : state.inode(change.ino)
  state.setName(directory, change.name, inode)
  return inode ?? directory
}

/** Sets the totals that restored inodes and names did not change. */
export function restoreTotals(state: TreeState, change: ChangeOf<'totals'>): TreeInode {
  state.usedBytes = change.usedBytes
  state.usedInodes = change.usedInodes
  state.nextIno = Math.max(state.nextIno, change.nextIno)
  return state.root
}

function countedSliceBytes(inode: TreeInode): number {
  return inode.nlink > 0 ? (inode.extentList?.sliceBytes ?? 0) : 0
}
