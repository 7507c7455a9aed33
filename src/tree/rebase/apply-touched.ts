import type { Touched } from '../worktree/touched.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import type { MergeContext } from './merge-context.ts'
import { isSameButTimes, isSameTimes } from './same-inode.ts'

/** Nothing that was touched before counts as such any more. */
export function cleanAll(touched: Touched): void {
  for (const [directory, names] of touched.names) {
    directory.dirty = false
    for (const name of names) {
      const inode = directory.names!.get(name)
      if (inode) inode.dirty = false
    }
  }
  for (const inode of touched.links) inode.dirty = false
}

/** Touches all in which the merged tree differs from theirs. */
export function touchAll(merge: MergeContext): void {
  touchNames(merge)
  for (const id of merge.counts.ids()) {
    if (merge.counts.names(id) <= 0) continue
    const inode = merge.inodes.get(id)
    const record = typeof id === 'number' ? merge.inodes.theirRecord(id) : undefined
    if (!inode || (record && isSameRecord(inode, record))) continue
    merge.state.edit(inode)
    if (inode.linked && record && !record.linked) touchPlace(merge, inode)
  }
}

function touchNames(merge: MergeContext): void {
  const { state, plan, beside } = merge
  for (const [directory, names] of plan.names) {
    const exists = merge.exists(directory)
    for (const [name, { merged, theirs }] of names) {
      if (merged === theirs) continue
      if (exists) state.touch(directory, name)
      else state.touched.add(directory, name)
    }
  }
  for (const { directory, as } of beside) state.touch(directory, as)
}

/** The entry that holds a file's record in their tree leads to the table of hard links from now on. */
function touchPlace({ theirs, plan, inodes, state }: MergeContext, inode: TreeInode): void {
  const place = theirs.place(inode.ino) ?? plan.basePlaces.get(inode.ino)
  if (!place) return
  const parent = inodes.bringDirectory(place.parent)
  if (parent.names!.get(place.name) === inode) state.touch(parent, place.name)
}

function isSameRecord(inode: TreeInode, record: TreeInode): boolean {
  const isSameCount = inode.isDirectory || inode.nlink === record.nlink
  return (
    isSameCount &&
    inode.linked === record.linked &&
    isSameButTimes(inode, record) &&
    isSameTimes(inode, record)
  )
}
