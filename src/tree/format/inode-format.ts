import { FileType } from '../inode.ts'
import type { Name } from '../../terms/name.ts'
import type { NodePage } from '../btree/node-page.ts'
import { damaged } from '../format-error.ts'
import { DirectoryNames } from '../worktree/directory-names.ts'
import { TreeInode } from '../worktree/tree-inode.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { readContent, writeContent } from './content-format.ts'
import { checkedXattrName } from './name-format.ts'
import { readRef, writeRef } from './ref-format.ts'
import type { BlobReader, BlobWriter } from './ref-format.ts'
import { readTime, writeTime } from './time-format.ts'

/** Which optional parts a record has. */
const Flag = { rdev: 1, xattrs: 2, atime: 4, ctime: 8, nlink: 16 } as const
const allFlags = 31

export const maxUint32 = 0xffff_ffff
export const maxTargetBytes = 4096
/** Names and values of one inode's extended attributes, together. */
export const maxXattrBytes = 256 * 1024

/** One inode, in the order of the fields in tree/README.md. */
export function writeInode(out: ByteWriter, blobs: BlobWriter, inode: TreeInode): void {
  const flags = flagsOf(inode)
  out.varint(inode.ino)
  out.varint(inode.mode)
  out.varint(flags)
  out.varint(inode.uid)
  out.varint(inode.gid)
  if (flags & Flag.rdev) out.varint(inode.rdev)
  if (flags & Flag.nlink) out.varint(inode.nlink)
  writeTime(out, inode.mtimeSec, inode.mtimeNsec)
  if (flags & Flag.atime) writeTime(out, inode.atimeSec, inode.atimeNsec)
  if (flags & Flag.ctime) writeTime(out, inode.ctimeSec, inode.ctimeNsec)
  if (inode.xattrs) writeXattrs(out, inode.xattrs)
  writeBody(out, blobs, inode)
}

function flagsOf(inode: TreeInode): number {
  const sameAtime = inode.atimeSec === inode.mtimeSec && inode.atimeNsec === inode.mtimeNsec
  const sameCtime = inode.ctimeSec === inode.mtimeSec && inode.ctimeNsec === inode.mtimeNsec
  return (
    (inode.rdev === 0 ? 0 : Flag.rdev) |
    (inode.xattrs ? Flag.xattrs : 0) |
    (sameAtime ? 0 : Flag.atime) |
    (sameCtime ? 0 : Flag.ctime) |
    (inode.nlink === usualNlink(inode) ? 0 : Flag.nlink)
  )
}

function usualNlink(inode: TreeInode): number {
  return inode.isDirectory ? 2 : 1
}

function writeBody(out: ByteWriter, blobs: BlobWriter, inode: TreeInode): void {
  switch (inode.mode & FileType.mask) {
    case FileType.directory: {
      const stored = inode.names!.stored
      out.varint(stored?.count ?? 0)
      if (!stored) return
      out.varint(stored.inodes)
      out.varint(stored.bytes)
      writeRef(out, blobs, stored.node)
      return
    }
    case FileType.symlink:
      out.sized(inode.target!)
      return
    case FileType.regular:
      out.varint(inode.size)
      writeContent(out, blobs, inode)
  }
}

/** Reads what writeInode wrote. From a stored page, a file's extents are read when they are asked for. */
export function readInode(input: ByteReader, blobs: BlobReader, page?: NodePage): TreeInode {
  const ino = input.varint()
  const mode = checkedMode(input.varint())
  const flags = input.limited(allFlags, 'the flags of an inode')
  if (ino === 0) throw damaged('an inode has the number 0')
  const inode = new TreeInode(ino, mode)
  inode.uid = input.limited(maxUint32, 'a user id')
  inode.gid = input.limited(maxUint32, 'a group id')
  if (flags & Flag.rdev) inode.rdev = input.limited(maxUint32, 'a device number')
  inode.nlink = flags & Flag.nlink ? input.limited(maxUint32, 'a link count') : usualNlink(inode)
  readTimes(input, flags, inode)
  if (flags & Flag.xattrs) inode.xattrs = readXattrs(input)
  if (flagsOf(inode) !== flags) throw damaged(`the flags of inode ${ino} do not fit its fields`)
  readBody(input, blobs, inode, page)
  return inode
}

const { mask, ...fileTypes } = FileType
const knownTypes = new Set<number>(Object.values(fileTypes))

/** These are the type bits of a mode that an inode may have. */
export function isFileType(type: number): boolean {
  return knownTypes.has(type)
}

/** Permission bits and one of the types. */
export function checkedMode(mode: number): number {
  if (mode > 0o177777 || !isFileType(mode & mask)) {
    throw damaged(`an inode has the mode ${mode.toString(8)}`)
  }
  return mode
}

function readTimes(input: ByteReader, flags: number, inode: TreeInode): void {
  const mtime = readTime(input)
  inode.mtime = mtime
  inode.atime = flags & Flag.atime ? readTime(input) : mtime
  inode.ctime = flags & Flag.ctime ? readTime(input) : mtime
}

function readBody(
  input: ByteReader,
  blobs: BlobReader,
  inode: TreeInode,
  page: NodePage | undefined,
): void {
  switch (inode.mode & FileType.mask) {
    case FileType.directory:
      inode.names = readDirectory(input, blobs)
      return
    case FileType.symlink:
      inode.target = Buffer.from(checkedTarget(input.sized(maxTargetBytes, 'a symlink')))
      inode.size = inode.target.length
      return
    case FileType.regular:
      inode.size = input.varint()
      readContent(input, blobs, inode, page)
  }
}

/** What a symlink may show: no program can make, or read, another one. */
export function checkedTarget(target: Uint8Array): Uint8Array {
  if (target.length > 0 && !target.includes(0)) return target
  throw damaged('a symlink shows nothing, or has a NUL in it')
}

function readDirectory(input: ByteReader, blobs: BlobReader): DirectoryNames {
  const count = input.varint()
  if (count === 0) return new DirectoryNames()
  const [inodes, bytes] = [input.varint(), input.varint()]
  return new DirectoryNames({ count, inodes, bytes, node: readRef(input, blobs) })
}

function writeXattrs(out: ByteWriter, xattrs: ReadonlyMap<Name, Uint8Array>): void {
  out.varint(xattrs.size)
  for (const [name, value] of sortedXattrs(xattrs)) {
    out.text(name)
    out.sized(value)
  }
}

function sortedXattrs(xattrs: ReadonlyMap<Name, Uint8Array>): [Name, Uint8Array][] {
  return [...xattrs].sort(([a], [b]) => (a < b ? -1 : 1))
}

function readXattrs(input: ByteReader): ReadonlyMap<Name, Uint8Array> {
  const xattrs = new Map<Name, Uint8Array>()
  let before = ''
  let bytes = 0
  const count = input.limited(input.remaining, 'a count of extended attributes')
  if (count === 0) throw damaged('an empty list of extended attributes')
  for (let i = 0; i < count; i++) {
    const name = checkedXattrName(input.text(input.remaining, 'an attribute name'))
    if (name <= before) throw damaged('extended attributes are not sorted')
    before = name
    const value = Buffer.from(input.sized(maxXattrBytes, 'an extended attribute'))
    bytes += name.length + value.length
    xattrs.set(name, value)
  }
  if (bytes > maxXattrBytes) throw damaged(`an inode has ${bytes} bytes of extended attributes`)
  return xattrs
}
