import { PageKind } from '../btree/node-page.ts'
import type { MapKind } from '../btree/map-kind.ts'
import type { Extent } from '../extent-map.ts'
import { damaged } from '../format-error.ts'
import { readSource, writeSource } from '../format/extent-format.ts'
import { extentWeight } from './inode-weight.ts'
import { integerOfKey } from './integer-key.ts'

/** The extents of one file, stored apart: starts to extents. A value is a varint length and the source. */
export const extentsKind: MapKind<Extent> = {
  code: PageKind.extents,
  what: 'the extents of a file',
  checkKey: integerOfKey,
  weight: extentWeight,
  totals: ({ start, end }) => ({ inodes: 0, bytes: end - start }),
  write: (out, blobs, extent) => {
    if (extent.source.kind === 'slice') throw new Error('a slice is to be stored in the tree')
    out.varint(extent.end - extent.start)
    writeSource(out, blobs, extent, undefined)
  },
  read: (input, page, key) => {
    const start = integerOfKey(key)
    const length = input.varint()
    const end = start + length
    if (length === 0 || !Number.isSafeInteger(end)) throw damaged('an extent is empty or too long')
    const source = readSource(input, page, length, undefined)
    if (source.kind === 'slice') throw damaged('a slice stands in the tree')
    return { start, end, source }
  },
  pieces: ({ source }) => (source.kind === 'piece' ? [source.piece] : []),
  subtrees: () => [],
}
