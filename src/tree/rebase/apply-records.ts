import type { TreeInode } from '../worktree/tree-inode.ts'
import { mergeFields, takeFields } from './merge-fields.ts'
import type { MergeContext } from './merge-context.ts'
import { isSameButTimes, isSameTimes } from './same-inode.ts'

/** Gives inodes in memory what their tree says of them, merged with what we changed. */
export function takeRecords(merge: MergeContext): void {
  takeChanged(merge)
  takeUnified(merge)
  for (const { names } of merge.plan.renewed.keys()) if (names) names.stored = undefined
}

function takeChanged(merge: MergeContext): void {
  const { theirs, inodes, plan } = merge
  for (const [ino, { after }] of theirs.inodes()) {
    const inode = inodes.get(ino)
    if (!inode || plan.unified.has(inode)) continue
    if (inode.names) inode.names.stored = after?.names?.stored
    if (!after) continue
    const base = inode.nlink > 0 ? plan.baseRecords.get(ino) : undefined
    change(merge, inode, () => {
      if (base) mergeFields(inode, base, after)
      else takeFields(inode, after)
    })
    inode.nlink = after.nlink
    inode.linked ||= after.linked
  }
}

function takeUnified(merge: MergeContext): void {
  for (const [inode, ino] of merge.plan.unified) {
    const record = merge.inodes.theirRecord(ino)!
    change(merge, inode, () => takeFields(inode, record))
    inode.nlink = record.nlink
    inode.linked = record.linked
    if (inode.names) {
      inode.names.stored = record.names!.stored
      inode.names.complete = inode.names.stored === undefined
    }
  }
}

/** Changes fields of an inode, and keeps in mind what others have to hear of it. */
function change({ changed, changedFiles }: MergeContext, inode: TreeInode, take: () => void): void {
  const before = inode.isRegular ? inode.copy() : undefined
  take()
  changed.add(inode)
  const isSame = before && isSameButTimes(before, inode) && isSameTimes(before, inode)
  if (inode.isRegular && !isSame) changedFiles.add(inode)
}
