import type { Extent } from '../extent-map.ts'
import type { Subtree } from '../btree/map-kind.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'

/** About what the fixed fields of a record take, and what a reference takes. */
const recordBytes = 48
const refBytes = 48

/** A file whose extents would weigh more in its record has them stored apart. */
export const maxExtentsWeight = 4096

/** About how many bytes an inode's record takes. */
export function inodeWeight(inode: TreeInode): number {
  let weight = recordBytes + (inode.target?.length ?? 0)
  for (const [name, value] of inode.xattrs ?? []) weight += name.length + value.length + 4
  if (inode.names?.stored || inode.extentTree) return weight + refBytes
  return inode.extents ? weight + extentsWeight(inode.extents.all()) : weight
}

/** About how many bytes a list of extents takes. */
export function extentsWeight(extents: Iterable<Extent>): number {
  let weight = 0
  for (const extent of extents) weight += extentWeight(extent)
  return weight
}

export function extentWeight({ start, end, source }: Extent): number {
  return source.kind === 'inline' ? end - start + 4 : refBytes
}

/** The map that hangs on an inode's record. */
export function inodeSubtrees(inode: TreeInode): Subtree[] {
  const { names, extentTree } = inode
  if (names?.stored) return [{ of: 'directory', node: names.stored.node }]
  return extentTree ? [{ of: 'extents', node: extentTree.node }] : []
}

/** The pieces that a file's own record shows, each once. */
export function inodePieces(inode: TreeInode): Iterable<PieceRef> {
  const pieces = new Map<string, PieceRef>()
  if (inode.extentTree) return []
  for (const { source } of inode.extents?.all() ?? []) {
    if (source.kind === 'piece') {
      pieces.set(`${source.piece.blob} ${source.piece.offset}`, source.piece)
    }
  }
  return pieces.values()
}
