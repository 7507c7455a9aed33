import type { NodeReader } from '../btree/node-reader.ts'
import { scan } from '../btree/read-map.ts'
import { ExtentList } from '../extents/extent-list.ts'
import { damaged } from '../format-error.ts'
import { extentsKind } from '../kinds/extents-kind.ts'
import { Pace } from '../pace.ts'
import type { Steps } from '../steps.ts'
import type { StoredExtents, TreeInode } from './tree-inode.ts'

/** Reads extents that are stored apart. Throws FormatError where they do not fit to the file's record. */
export function* scanExtents(
  reader: NodeReader,
  file: TreeInode,
  stored: StoredExtents,
): Steps<ExtentList> {
  const list = new ExtentList()
  let end = 0
  const totals = yield* scan(reader, extentsKind, stored.node, new Pace(), (_key, extent) => {
    if (extent.start < end || extent.end > file.size) {
      throw damaged(`extents of inode ${file.ino} overlap or end behind it`)
    }
    end = extent.end
    list.put(extent.start, extent.end, extent.source)
  })
  if (totals.count !== stored.count || totals.bytes !== file.coveredBytes) {
    throw damaged(`inode ${file.ino} does not have the extents that its record says`)
  }
  return list
}
