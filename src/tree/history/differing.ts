import type { NodeReader } from '../btree/node-reader.ts'
import { FileType } from '../inode.ts'
import { isSameBytes, isSameContent, isSameXattrs } from '../rebase/same-inode.ts'
import type { Steps } from '../steps.ts'
import { scanExtents } from '../worktree/scan-extents.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import type { Differing } from './path-change.ts'

const nothing = new Uint8Array()

/** In what two records differ for a person; undefined where they do not. */
export function* differing(
  reader: NodeReader,
  before: TreeInode,
  after: TreeInode,
): Steps<Differing | undefined> {
  const type = ((before.mode ^ after.mode) & FileType.mask) !== 0
  const attributes = !isSameAttributes(before, after)
  const content = type || !(yield* isSame(reader, before, after))
  return type || attributes || content ? { type, attributes, content } : undefined
}

function isSameAttributes(a: TreeInode, b: TreeInode): boolean {
  const isSameTime = a.mtimeSec === b.mtimeSec && a.mtimeNsec === b.mtimeNsec
  return (
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    isSameXattrs(a.xattrs, b.xattrs) &&
    (a.isDirectory || isSameTime)
  )
}

/** Of long lists of extents, the same may be stored apart in other nodes: gc writes nodes anew. */
function* isSame(reader: NodeReader, a: TreeInode, b: TreeInode): Steps<boolean> {
  if (a.rdev !== b.rdev || !isSameBytes(a.target ?? nothing, b.target ?? nothing)) return false
  if (isSameContent(a, b)) return true
  if (!a.isRegular || a.size !== b.size || a.coveredBytes !== b.coveredBytes) return false
  if (!a.extentTree && !b.extentTree) return false
  for (const file of [a, b]) {
    const { extentTree } = file
    if (extentTree) file.extentList ??= yield* scanExtents(reader, file, extentTree)
  }
  return isSameContent(a, b)
}
