import type { Change } from '../change.ts'
import { setAttributes, setXattr } from './attribute-changes.ts'
import { clone, punch, shift, write } from './content-changes.ts'
import { link, make, rename, unlink } from './name-changes.ts'
import { restoreInode, restoreName, restoreTotals } from './restored-changes.ts'
import type { TreeInode } from './tree-inode.ts'
import type { TreeState } from './tree-state.ts'

/**
 * Carries out a change whose inodes and names are in memory, and returns the inode that it is about. Fails only where
 * `requireLoaded` would.
 */
export function carryOut(state: TreeState, change: Change): TreeInode {
  switch (change.type) {
    case 'bind':
    case 'bind-linked':
      return bind(state, change.ino)
    case 'make':
      return make(state, change)
    case 'link':
      return link(state, change)
    case 'unlink':
      return unlink(state, change)
    case 'rename':
      return rename(state, change)
    case 'attributes':
      return setAttributes(state, change)
    case 'write':
      return write(state, change)
    case 'punch':
      return punch(state, change)
    case 'clone':
      return clone(state, change)
    case 'shift':
      return shift(state, change)
    case 'xattr':
      return setXattr(state, change)
    case 'inode':
      return restoreInode(state, change.inode)
    case 'name':
      return restoreName(state, change)
    case 'totals':
      return restoreTotals(state, change)
  }
}

/** A replay knows the inode by its number from now on. */
function bind(state: TreeState, ino: number): TreeInode {
  const inode = state.inode(ino)
  inode.bound = state.generation
  return inode
}

/** Throws where something that the change names is not in memory. */
export function requireLoaded(state: TreeState, change: Change): void {
  switch (change.type) {
    case 'make':
      state.directory(change.parent)
      return
    case 'link':
      state.directory(change.parent)
      state.inode(change.ino)
      return
    case 'unlink':
      state.named(state.directory(change.parent), change.name)
      return
    case 'rename':
      state.named(state.directory(change.parent), change.name)
      state.directory(change.newParent)
      return
    case 'clone':
      state.file(change.from)
      state.file(change.ino)
      return
    case 'write':
    case 'punch':
    case 'shift':
      state.file(change.ino)
      return
    case 'attributes':
      if (change.size === undefined) state.inode(change.ino)
      else state.file(change.ino)
      return
    case 'name':
      state.directory(change.parent)
      if (change.ino !== undefined) state.inode(change.ino)
      return
    case 'bind':
    case 'bind-linked':
    case 'xattr':
      state.inode(change.ino)
      return
    case 'inode':
    case 'totals':
  }
}
