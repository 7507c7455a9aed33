import type { NodeReader } from '../btree/node-reader.ts'
import { inlineBlob } from '../inline/inline-nodes.ts'
import type { Steps } from '../steps.ts'
import { scanExtents } from '../worktree/scan-extents.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'

/**
 * Reads the extents of a file where records in the manifest changed them: such a file is compared by its extents, for the
 * tree of extents that it would be stored with has no hash yet.
 */
export function* listInMemory(reader: NodeReader, file: TreeInode): Steps<void> {
  if (isInMemory(file)) yield* list(reader, file)
}

/**
 * Reads the extents of both versions of a file where those of one are in memory only; and, of a file that is held here, where they may
 * be the same and only lie elsewhere: gc writes nodes anew when it repacks.
 */
export function* listBoth(
  reader: NodeReader,
  before: TreeInode | undefined,
  after: TreeInode | undefined,
  isHeld: boolean,
): Steps<void> {
  const mustList = isInMemory(before) || isInMemory(after)
  if (!mustList && !(isHeld && mayHaveMoved(before, after))) return
  if (before) yield* list(reader, before)
  if (after) yield* list(reader, after)
}

function mayHaveMoved(before: TreeInode | undefined, after: TreeInode | undefined): boolean {
  const [a, b] = [before?.extentTree, after?.extentTree]
  if (!a || !b || a.node.hash === b.node.hash || a.count !== b.count) return false
  return before!.size === after!.size && before!.coveredBytes === after!.coveredBytes
}

function isInMemory(file: TreeInode | undefined): boolean {
  return file?.extentTree?.node.blob === inlineBlob
}

function* list(reader: NodeReader, file: TreeInode): Steps<void> {
  const { extentTree } = file
  if (extentTree) file.extentList ??= yield* scanExtents(reader, file, extentTree)
}
