import { encodePage, NodePage, PageKind } from '../btree/node-page.ts'
import { damaged } from '../format-error.ts'
import type { PackNaming } from '../node-source.ts'
import type { PieceRef } from '../piece-ref.ts'
import { knownFeatures, treeFormat } from '../root-record.ts'
import type { RootDirectory, RootRecord } from '../root-record.ts'
import { DirectoryNames } from '../worktree/directory-names.ts'
import { TreeInode } from '../worktree/tree-inode.ts'
import { rootIno } from '../worktree/tree-state.ts'
import type { ByteReader } from './byte-reader.ts'
import { readInode, writeInode } from './inode-format.ts'
import { readRef, writeRef } from './ref-format.ts'

const Has = { predecessor: 1, links: 2, packs: 4 } as const
const allHas = 7
const maxWriterBytes = 255
/** So that there are always numbers left to give. */
const maxNextIno = 2 ** 52

/**
 * A root record's page. Body: varints sequence, time in ms; sized writer (UTF-8); a byte that says which of predecessor,
 * links and packs follow as references; the root directory's inode; varints used bytes, used inodes, next inode number.
 */
export function encodeRootRecord(record: Omit<RootRecord, 'self'>, naming: PackNaming): Uint8Array {
  const { predecessor, links, packs } = record
  const write: Parameters<typeof encodePage>[2] = (out, blobs) => {
    out.varint(record.sequence)
    out.varint(record.timeMs)
    out.sized(Buffer.from(record.writer).subarray(0, maxWriterBytes))
    out.u8((predecessor ? Has.predecessor : 0) | (links ? Has.links : 0) | (packs ? Has.packs : 0))
    for (const ref of [predecessor, links, packs]) if (ref) writeRef(out, blobs, ref)
    writeInode(out, blobs, inodeOfRoot(record.directory))
    out.varint(record.usedBytes)
    out.varint(record.usedInodes)
    out.varint(record.nextIno)
  }
  return encodePage(PageKind.root, naming, write, record.features)
}

/** Reads a root record. Throws FormatError. */
export function decodeRootRecord(bytes: Uint8Array, self: PieceRef): RootRecord {
  const page = new NodePage(bytes, self.blob, PageKind.root, knownFeatures)
  const input = page.body()
  const [sequence, timeMs] = [input.varint(), input.varint()]
  const writer = Buffer.from(input.sized(maxWriterBytes, 'a writer')).toString()
  const has = input.limited(allHas, 'what a root record has')
  const ref = (bit: number) => (has & bit ? readRef(input, page) : undefined)
  const [predecessor, links, packs] = [ref(Has.predecessor), ref(Has.links), ref(Has.packs)]
  const directory = readRoot(input, page)
  const [usedBytes, usedInodes] = [input.varint(), input.varint()]
  const nextIno = input.limited(maxNextIno, 'the next inode number')
  input.end('a root record')
  const { features } = page
  const head = { self, format: treeFormat, features, sequence, timeMs, writer } as const
  return { ...head, predecessor, directory, links, packs, usedBytes, usedInodes, nextIno }
}

function readRoot(input: ByteReader, page: NodePage): RootDirectory {
  const inode = readInode(input, page, page)
  if (inode.ino !== rootIno || !inode.names) throw damaged('the root is no directory')
  return rootDirectoryOf(inode)
}

/** The root's inode as a record holds it. */
export function rootDirectoryOf(inode: TreeInode): RootDirectory {
  const { node, count = 0, inodes = 0, bytes = 0 } = inode.names?.stored ?? {}
  return { attributes: inode, xattrs: inode.xattrs, node, count, inodes, bytes }
}

/** An inode made from what a record says of the root. */
export function inodeOfRoot({ attributes, xattrs, ...stored }: RootDirectory): TreeInode {
  const { mode, nlink, uid, gid, rdev } = attributes
  const { atimeSec, atimeNsec, mtimeSec, mtimeNsec, ctimeSec, ctimeNsec } = attributes
  const inode = new TreeInode(rootIno, mode)
  Object.assign(inode, { nlink, uid, gid, rdev, xattrs })
  Object.assign(inode, { atimeSec, atimeNsec, mtimeSec, mtimeNsec, ctimeSec, ctimeNsec })
  const { node, count, inodes, bytes } = stored
  if (node) inode.names = new DirectoryNames({ node, count, inodes, bytes })
  return inode
}
