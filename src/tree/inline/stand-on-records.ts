import { damaged, FormatError } from '../format-error.ts'
import { decodeRecord, type RecordChange } from '../format/record-format.ts'
import { carryOut, requireLoaded } from '../worktree/carry-out.ts'
import { Touched } from '../worktree/touched.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import { rootIno, type TreeState } from '../worktree/tree-state.ts'

/**
 * Brings a tree that nothing was changed of to where records put it, oldest first. What they name stays in memory till
 * the next commit. Throws FormatError that tells which record cannot be; the tree is of no use then.
 */
export function standOnRecords(state: TreeState, records: readonly Uint8Array[]): void {
  for (const [i, bytes] of records.entries()) {
    try {
      for (const change of decodeRecord(bytes).changes) {
        check(state, change)
        carryOut(state, change)
      }
      forgetAllBut(state, reached(state))
    } catch (cause) {
      const fault = cause instanceof FormatError ? cause.fault : 'damaged'
      const why = cause instanceof Error ? cause.message : String(cause)
      const message = `record ${i + 1} of the ${records.length} in the manifest cannot be read: ${why}`
      throw new FormatError(fault, message, { cause })
    }
  }
  state.appended = state.touched
  state.touched = new Touched()
  state.inline = records
  state.generation++
}

function check(state: TreeState, change: RecordChange): void {
  requireLoaded(state, change)
  switch (change.type) {
    case 'inode':
      return checkInode(state, change.inode)
    case 'name':
      if (change.ino === rootIno) throw damaged('the root has a name')
      return
    case 'totals': {
      let last = rootIno
      for (const ino of state.inodes.keys()) last = Math.max(last, ino)
      if (change.nextIno <= last) throw damaged(`inode ${last} was never given out`)
    }
  }
}

function checkInode(state: TreeState, told: TreeInode): void {
  const known = state.inodes.get(told.ino)
  const isOther = known && (known.mode ^ told.mode) >> 12 !== 0
  if (isOther || (known?.linked && !told.linked)) {
    throw damaged(`inode ${told.ino} becomes something else`)
  }
  if (told.isDirectory ? told.linked || told.nlink < 2 : told.nlink === 0 && !told.linked) {
    throw damaged(`inode ${told.ino} has ${told.nlink} links`)
  }
  if (told.ino === rootIno && !told.isDirectory) throw damaged('the root is no directory')
}

/** All that the records' names lead to, from the root down: every directory and every file of one name once. */
function reached(state: TreeState): ReadonlySet<TreeInode> {
  const seen = new Set<TreeInode>([state.root])
  const directories = [state.root]
  for (const directory of directories) {
    for (const name of state.touched.names.get(directory) ?? []) {
      const child = directory.names!.get(name)
      if (!child) continue
      if (child.nlink === 0) throw damaged(`inode ${child.ino} has a name and no links`)
      if (child.linked) continue
      if (seen.has(child)) throw damaged(`inode ${child.ino} has two names`)
      seen.add(child)
      if (child.isDirectory) directories.push(child)
    }
  }
  return seen
}

/** What was removed is told as a whole where it comes back. */
function forgetAllBut(state: TreeState, kept: ReadonlySet<TreeInode>): void {
  for (const inode of state.inodes.values()) {
    const isKept = inode.linked ? inode.nlink > 0 : kept.has(inode)
    if (isKept) continue
    state.forget(inode)
    state.touched.names.delete(inode)
  }
}
