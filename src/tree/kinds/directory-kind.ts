import { PageKind } from '../btree/node-page.ts'
import type { NodePage } from '../btree/node-page.ts'
import type { MapKind } from '../btree/map-kind.ts'
import { damaged } from '../format-error.ts'
import { checkedName } from '../format/name-format.ts'
import { isFileType, readInode, writeInode } from '../format/inode-format.ts'
import { FileType } from '../inode.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import { inodePieces, inodeSubtrees, inodeWeight } from './inode-weight.ts'

/** What a name means whose inode has several: the record lies in the table of hard links. */
export class LinkedName {
  readonly ino: number
  /** The type bits of its mode. */
  readonly type: number

  constructor(ino: number, type: number) {
    this.ino = ino
    this.type = type
  }
}

/** What a name of a stored directory means. */
export type DirectoryValue = TreeInode | LinkedName

const Tag = { inode: 0, link: 1 } as const
const linkWeight = 8

/** Names of a directory to inodes. A value is byte 0 and the inode, or byte 1, varint number, varint type. */
export const directoryKind: MapKind<DirectoryValue> = {
  code: PageKind.directory,
  what: 'a directory',
  checkKey: checkedName,
  weight: (value) => (value instanceof LinkedName ? linkWeight : inodeWeight(value)),
  totals: (value) => {
    if (value instanceof LinkedName) return { inodes: 0, bytes: 0 }
    const below = value.names?.stored
    return { inodes: 1 + (below?.inodes ?? 0), bytes: value.coveredBytes + (below?.bytes ?? 0) }
  },
  write: (out, blobs, value) => {
    if (value instanceof LinkedName) {
      out.u8(Tag.link)
      out.varint(value.ino)
      out.varint(value.type)
      return
    }
    out.u8(Tag.inode)
    writeInode(out, blobs, value)
  },
  read: (input, page) => {
    const tag = input.u8()
    if (tag === Tag.link) return new LinkedName(input.varint(), checkedType(input.varint()))
    if (tag === Tag.inode) return readNamed(input, page)
    throw damaged(`unknown kind of entry ${tag}`)
  },
  pieces: (value) => (value instanceof LinkedName ? [] : inodePieces(value)),
  subtrees: (value) => (value instanceof LinkedName ? [] : inodeSubtrees(value)),
}

function readNamed(input: Parameters<typeof readInode>[0], page: NodePage): TreeInode {
  const inode = readInode(input, page, page)
  if (inode.nlink === 0) throw damaged(`inode ${inode.ino} has a name and a link count of 0`)
  if (!inode.isDirectory && inode.nlink !== 1) {
    throw damaged(`inode ${inode.ino} has one name and a link count of ${inode.nlink}`)
  }
  return inode
}

function checkedType(type: number): number {
  if (isFileType(type) && type !== FileType.directory) return type
  throw damaged(`a hard link to type ${type.toString(8)}`)
}
