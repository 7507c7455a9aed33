import { damaged } from '../format-error.ts'
import { ExtentList } from '../extents/extent-list.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { readExtents, skipExtents, writeExtents } from './extent-format.ts'
import type { NodePage } from '../btree/node-page.ts'
import { readRef, writeRef } from './ref-format.ts'
import type { BlobReader, BlobWriter } from './ref-format.ts'

/** How the bytes of a regular file are recorded. */
const Content = { none: 0, extents: 1, tree: 2 } as const

/**
 * A byte that says how: 0 no extents. 1: the list of extents. 2: stored apart: varint count, varint bytes covered, and the
 * reference to the root of the tree of extents.
 */
export function writeContent(out: ByteWriter, blobs: BlobWriter, file: TreeInode): void {
  const extents = file.extents
  if (file.extentTree && !(extents && file.contentChanged)) {
    out.u8(Content.tree)
    out.varint(file.extentTree.count)
    out.varint(file.coveredBytes)
    writeRef(out, blobs, file.extentTree.node)
  } else if (!extents || extents.count === 0) {
    out.u8(Content.none)
  } else {
    out.u8(Content.extents)
    writeExtents(out, blobs, [...extents.all()])
  }
}

/** Reads that. Where the page is given the extents are checked only, and read from it when they are asked for. */
export function readContent(
  input: ByteReader,
  blobs: BlobReader,
  file: TreeInode,
  page: NodePage | undefined,
): void {
  const kind = input.u8()
  switch (kind) {
    case Content.none:
      return
    case Content.extents:
      if (page) {
        file.extentPage = page
        file.extentsAt = input.position
        file.coveredBytes = skipExtents(input, blobs, file.size)
      } else {
        file.extentList = new ExtentList()
        readExtents(input, blobs, file.size, file.extentList)
        file.coveredBytes = file.extentList.coveredBytes
      }
      return
    case Content.tree: {
      const count = input.varint()
      file.coveredBytes = input.limited(file.size, 'the covered bytes of a file')
      file.extentTree = { count, node: readRef(input, blobs) }
      return
    }
    default:
      throw damaged(`unknown kind of content ${kind}`)
  }
}
