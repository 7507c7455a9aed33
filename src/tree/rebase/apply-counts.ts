import type { TreeInode } from '../worktree/tree-inode.ts'
import type { MergeContext } from './merge-context.ts'
import type { Id } from './merge-plan.ts'

/** Brings counts of links and the totals in line with the merged names. */
export function takeCounts(merge: MergeContext): void {
  for (const id of merge.counts.ids()) countFile(merge, id)
  for (const directory of merge.plan.names.keys()) countSubdirectories(merge, directory)
  takeTotals(merge)
  dropGone(merge)
}

function countFile(merge: MergeContext, id: Id): void {
  const { counts, inodes, changed } = merge
  const names = counts.names(id)
  if (names <= 0) return loseFile(merge, id)
  const isChanged = names !== counts.theirNames(id)
  const inode = isChanged ? inodes.bring(id) : inodes.get(id)
  if (!inode || inode.isDirectory) return
  if (inode.nlink !== names) changed.add(inode)
  inode.nlink = names
  inode.linked ||= names > 1
}

/** No name is left. The table of hard links, where their tree has the inode in it, must lose it. */
function loseFile({ inodes, state }: MergeContext, id: Id): void {
  const inode = inodes.get(id)
  if (inode) inode.nlink = 0
  if (typeof id !== 'number') return
  const record = inodes.theirRecord(id)
  if (!record?.linked) return
  const lost = record.copy()
  lost.nlink = 0
  state.touched.links.add(lost)
}

function countSubdirectories(merge: MergeContext, directory: TreeInode): void {
  if (!merge.exists(directory)) return
  const id = merge.inodes.idOf(directory)
  const record = typeof id === 'number' ? merge.inodes.theirRecord(id) : undefined
  let nlink = record?.nlink ?? 2
  for (const { merged, theirs } of merge.plan.names.get(directory)!.values()) {
    if (merged !== theirs) nlink += isDirectory(merge, merged) - isDirectory(merge, theirs)
  }
  for (const beside of merge.beside) {
    if (beside.directory === directory && beside.inode.isDirectory) nlink++
  }
  if (directory.nlink !== nlink) merge.changed.add(directory)
  directory.nlink = nlink
}

function isDirectory({ inodes, theirs }: MergeContext, id: Id | undefined): 0 | 1 {
  if (id === undefined) return 0
  const inode =
    typeof id === 'number'
      ? (inodes.theirRecord(id) ?? theirs.inode(id)?.before ?? inodes.get(id))
      : id
  return inode?.isDirectory ? 1 : 0
}

function takeTotals({ state, theirs, counts, inodes }: MergeContext): void {
  let { usedBytes, usedInodes } = theirs.root
  for (const id of counts.ids()) {
    const record = typeof id === 'number' ? inodes.theirRecord(id) : undefined
    if (record) {
      usedInodes--
      usedBytes -= record.coveredBytes
    }
    if (counts.names(id) > 0) {
      usedInodes++
      usedBytes += (inodes.get(id) ?? record)!.coveredBytes
    }
  }
  state.usedBytes = usedBytes
  state.usedInodes = usedInodes
}

/** What their tree has no more, and we did not keep. */
function dropGone({ theirs, state, counts, changed }: MergeContext): void {
  for (const [ino, { after }] of theirs.inodes()) {
    const inode = state.inodes.get(ino)
    if (after || !inode || counts.names(ino) > 0) continue
    inode.nlink = 0
    changed.add(inode)
    if (inode.retained === 0) state.forget(inode)
  }
}
