import type { Name } from '../../terms/name.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import type { MergeContext } from './merge-context.ts'

/** Gives the directories in memory the names of the merged tree. */
export function takeNames(merge: MergeContext): void {
  const { plan, theirs, inodes, beside } = merge
  const directories = new Set(plan.names.keys())
  for (const inode of plan.renewed.keys()) if (inode.isDirectory) directories.add(inode)
  for (const ino of theirs.directories()) {
    const directory = inodes.get(ino)
    if (directory?.names) directories.add(directory)
  }
  for (const directory of directories) {
    if (merge.exists(directory)) takeNamesOf(merge, directory)
  }
  for (const [inode, ino] of plan.split) if (inode.linked) leaveNames(merge, inode, ino)
  takePlaces(merge)
  for (const { directory, as, inode } of beside) setName(merge, directory, as, inode)
}

function takeNamesOf(merge: MergeContext, directory: TreeInode): void {
  const names = directory.names!
  const ours = merge.plan.names.get(directory)
  const id = merge.plan.renewed.get(directory) ?? merge.inodes.idOf(directory)
  inodesOfGone(merge, directory)
  if (typeof id === 'number') {
    for (const [name, { after }] of merge.theirs.names(id)) {
      if (!ours?.has(name)) setTheirName(merge, directory, name, after)
    }
  }
  for (const [name, { merged }] of ours ?? []) {
    const inode = merged === undefined ? undefined : merge.inodes.bring(merged)
    if (merged !== undefined && !inode) names.complete = false
    setName(merge, directory, name, inode)
  }
  if (!names.stored) names.complete = true
}

/** A directory that was taken away here, and stays, is loaded anew. */
function inodesOfGone({ state, inodes }: MergeContext, directory: TreeInode): void {
  if (directory.nlink > 0 && state.inodes.has(directory.ino)) return
  inodes.bring(directory.ino)
  directory.names!.complete = false
}

/** Only theirs changed the name. What is not in memory is left to be loaded. */
function setTheirName(
  merge: MergeContext,
  directory: TreeInode,
  name: Name,
  ino: number | undefined,
): void {
  const names = directory.names!
  const isNeeded = ino !== undefined && (names.complete || merge.inodes.get(ino) !== undefined)
  const inode = isNeeded ? merge.inodes.bring(ino) : undefined
  if (isNeeded && !inode) names.complete = false
  setName(merge, directory, name, inode)
}

/** All names of a hard-linked file, wherever they are in memory, mean theirs from now on and not our version. */
function leaveNames(merge: MergeContext, ours: TreeInode, ino: number): void {
  ours.linked = false
  const theirs = merge.inodes.bring(ino)
  for (const directory of merge.state.inodes.values()) {
    const names = [...(directory.names?.after(0) ?? [])]
    for (const { name, inode } of names) {
      if (inode === ours) setName(merge, directory, name, theirs)
    }
  }
}

function setName(
  { names }: MergeContext,
  directory: TreeInode,
  name: Name,
  inode: TreeInode | undefined,
): void {
  const before = directory.names!.get(name)
  if (!before || before !== inode) names.push({ directory, name })
  if (!inode) {
    directory.names!.delete(name)
    return
  }
  directory.names!.set(name, inode)
  inode.parent = directory
  inode.name = name
}

/** What is in memory and was moved by theirs, is reached from where it is now. */
function takePlaces({ theirs, state, plan, inodes }: MergeContext): void {
  for (const [ino, { after }] of theirs.inodes()) {
    const inode = state.inodes.get(ino)
    const place = theirs.place(ino)
    if (!inode || !after || !place || after.linked) continue
    const parent = inodes.bringDirectory(place.parent)
    if (plan.names.get(parent)?.has(place.name)) continue
    parent.names!.set(place.name, inode)
    inode.parent = parent
    inode.name = place.name
  }
}
