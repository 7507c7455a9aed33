import type { Name } from '../../terms/name.ts'
import { inlineBlob } from '../inline/inline-nodes.ts'
import { DirectoryNames } from '../worktree/directory-names.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import type { TreeState } from '../worktree/tree-state.ts'

/**
 * Of a worktree that was laid over a tree with records: what is stored of it is the committed tree alone again, and what the
 * records changed is in memory, for the next commit. `theirs` is the tree with the records, over that committed tree.
 */
export function takeAppended(state: TreeState, theirs: TreeState): void {
  const lost = new Set([...state.touched.links].map(({ ino }) => ino))
  const { names, links } = theirs.appended
  for (const inode of links) {
    const known = state.inodes.get(inode.ino)
    if (known) takeRecord(known, inode)
    else if (lost.has(inode.ino)) continue
    state.appended.links.add(known ?? (inode.nlink > 0 ? adopt(state, inode) : inode))
  }
  // Directories that we took away and that are still spoken of.
  for (const directory of state.touched.names.keys()) {
    if (state.inodes.has(directory.ino)) continue
    const known = theirs.inodes.get(directory.ino)
    if (known && names.has(known)) showStored(state, directory, known)
  }
  const directories = names.has(theirs.root) ? [theirs.root] : []
  for (const directory of directories) {
    takeNames(state, directory, names.get(directory)!)
    for (const name of names.get(directory)!) {
      const child = directory.names!.get(name)
      if (child && names.has(child)) directories.push(child)
    }
  }
}

function takeNames(state: TreeState, theirs: TreeInode, names: ReadonlySet<Name>): void {
  const directory = state.inodes.get(theirs.ino)
  if (!directory?.names) return
  showStored(state, directory, theirs)
  for (const name of names) {
    state.appended.add(directory, name)
    const child = theirs.names!.get(name)
    const known = child && state.inodes.get(child.ino)
    if (known) takeRecord(known, child)
    if (!child || state.touched.has(directory, name)) continue
    const inode = known ?? adopt(state, child)
    directory.names.set(name, inode)
    if (inode.linked && inode.parent) continue
    inode.parent = directory
    inode.name = name
  }
  if (!directory.names.stored) directory.names.complete = true
}

function showStored(state: TreeState, directory: TreeInode, theirs: TreeInode): void {
  directory.names!.stored = theirs.names!.stored
  directory.dirty = true
  state.appended.namesOf(directory)
}

/** An inode that only the records tell of comes into memory. */
function adopt(state: TreeState, theirs: TreeInode): TreeInode {
  const inode = theirs.copy()
  inode.parent = inode.name = undefined
  inode.bound = 0
  inode.dirty = true
  if (inode.names) inode.names = new DirectoryNames(theirs.names!.stored)
  state.add(inode)
  return inode
}

function takeRecord(inode: TreeInode, theirs: TreeInode): void {
  inode.dirty = true
  if (!inode.isRegular || !theirs.contentChanged) return
  if (inode.extentTree?.node.blob === inlineBlob && !inode.contentChanged) {
    inode.extentList ??= theirs.extentList?.snapshot()
  }
  inode.extentTree = theirs.extentTree
  inode.contentChanged = true
}
