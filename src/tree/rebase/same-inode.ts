import type { Name } from '../../terms/name.ts'
import type { ExtentSource } from '../extent-map.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'

/** Two records say the same of what a person would call an edit: everything but times, names and what lies below. */
export function isSameButTimes(a: TreeInode, b: TreeInode): boolean {
  return (
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.rdev === b.rdev &&
    isSameXattrs(a.xattrs, b.xattrs) &&
    isSameBytes(a.target ?? none, b.target ?? none) &&
    isSameContent(a, b)
  )
}

export function isSameTimes(a: TreeInode, b: TreeInode): boolean {
  return (
    a.atimeSec === b.atimeSec &&
    a.atimeNsec === b.atimeNsec &&
    a.mtimeSec === b.mtimeSec &&
    a.mtimeNsec === b.mtimeNsec &&
    a.ctimeSec === b.ctimeSec &&
    a.ctimeNsec === b.ctimeNsec
  )
}

const none = new Uint8Array()

export function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}

type Xattrs = ReadonlyMap<Name, Uint8Array> | undefined

export function isSameXattrs(a: Xattrs, b: Xattrs): boolean {
  if ((a?.size ?? 0) !== (b?.size ?? 0)) return false
  for (const [name, value] of a ?? []) {
    const other = b?.get(name)
    if (!other || !isSameBytes(value, other)) return false
  }
  return true
}

/** The bytes of two files are surely the same: they lie in the same places. */
export function isSameContent(a: TreeInode, b: TreeInode): boolean {
  if (!a.isRegular || !b.isRegular) return a.isRegular === b.isRegular
  if (a.size !== b.size || a.coveredBytes !== b.coveredBytes) return false
  const [aTree, bTree] = [treeOf(a), treeOf(b)]
  if (aTree && aTree.node.hash === bTree?.node.hash) return true
  // Known by its hash alone.
  if ((aTree && !a.extentList) || (bTree && !b.extentList)) return false
  const others = [...b.extents!.all()]
  let index = 0
  for (const { start, end, source } of a.extents!.all()) {
    const other = others[index++]
    if (other?.start !== start || other.end !== end) return false
    if (!isSameSource(source, other.source, end - start)) return false
  }
  return index === others.length
}

/** The stored extents of a file, where they are what it shows. */
function treeOf(file: TreeInode) {
  return file.contentChanged ? undefined : file.extentTree
}

function isSameSource(a: ExtentSource, b: ExtentSource, length: number): boolean {
  if (a.kind === 'inline' && b.kind === 'inline') {
    return isSameBytes(a.bytes.subarray(a.at, a.at + length), b.bytes.subarray(b.at, b.at + length))
  }
  if (a.at !== b.at) return false
  if (a.kind === 'piece' && b.kind === 'piece') return a.piece.hash === b.piece.hash
  return a.kind === 'slice' && b.kind === 'slice' && a.slice.id === b.slice.id
}
