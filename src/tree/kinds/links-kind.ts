import { PageKind } from '../btree/node-page.ts'
import type { MapKind } from '../btree/map-kind.ts'
import { damaged } from '../format-error.ts'
import { readInode, writeInode } from '../format/inode-format.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import { inodePieces, inodeSubtrees, inodeWeight } from './inode-weight.ts'
import { integerOfKey } from './integer-key.ts'

/** The table of hard links: inode numbers to inodes that have, or once had, several names. */
export const linksKind: MapKind<TreeInode> = {
  code: PageKind.links,
  what: 'the table of hard links',
  checkKey: integerOfKey,
  weight: inodeWeight,
  totals: (inode) => ({ inodes: 1, bytes: inode.coveredBytes }),
  write: writeInode,
  read: (input, page, key) => {
    const inode = readInode(input, page, page)
    if (inode.ino !== integerOfKey(key)) throw damaged(`inode ${inode.ino} lies under another key`)
    if (inode.isDirectory || inode.nlink === 0)
      throw damaged(`inode ${inode.ino} has no hard links`)
    inode.linked = true
    return inode
  },
  pieces: inodePieces,
  subtrees: inodeSubtrees,
}
