import { maxNameBytes } from '../../terms/name.ts'
import type { Name } from '../../terms/name.ts'
import type { Change } from '../change.ts'
import { damaged } from '../format-error.ts'
import { FileType } from '../inode.ts'
import type { ByteReader } from './byte-reader.ts'
import { AttributeFlag } from './change-writing.ts'
import { readSlice } from './extent-format.ts'
import {
  checkedMode,
  checkedTarget,
  maxTargetBytes,
  maxUint32,
  maxXattrBytes,
  readInode,
} from './inode-format.ts'
import { checkedName, checkedXattrName } from './name-format.ts'
import { absoluteBlobs } from './ref-format.ts'
import { readTime } from './time-format.ts'

/** The type bits are those of the inode, whatever a change of its permissions says. */
const maxMode = 0o177777

type ChangeOf<T extends Change['type']> = Extract<Change, { type: T }>

/** Reads what writeChangeBody wrote. */
export function readChangeBody(input: ByteReader, type: Change['type']): Change {
  switch (type) {
    case 'bind':
      return { type, ...readEntry(input) }
    case 'bind-linked':
      return { type, ino: input.varint() }
    case 'make':
      return readMake(input)
    case 'link':
      return { type, ...readEntry(input), time: readTime(input) }
    case 'unlink':
      return { type, parent: input.varint(), name: readName(input), time: readTime(input) }
    case 'rename':
      return readRename(input)
    case 'attributes':
      return readAttributes(input)
    case 'xattr':
      return readXattr(input)
    case 'inode':
      return readState(input)
    case 'name': {
      const { ino, parent, name } = readEntry(input)
      return { type, parent, name, ino: ino === 0 ? undefined : ino }
    }
    case 'totals': {
      const [usedBytes, usedInodes] = [input.varint(), input.varint()]
      return { type, usedBytes, usedInodes, nextIno: input.varint() }
    }
    case 'write':
    case 'punch':
    case 'clone':
    case 'shift':
      return readContentChange(input, type)
  }
}

function readEntry(input: ByteReader): { ino: number; parent: number; name: Name } {
  return { ino: input.varint(), parent: input.varint(), name: readName(input) }
}

function readName(input: ByteReader): Name {
  return checkedName(input.text(maxNameBytes, 'a name'))
}

function readMake(input: ByteReader): ChangeOf<'make'> {
  const entry = readEntry(input)
  const mode = checkedMode(input.varint())
  const [uid, gid] = [readOwner(input), readOwner(input)]
  const rdev = input.limited(maxUint32, 'a device number')
  const target = readFlag(input)
    ? { target: Buffer.from(checkedTarget(input.sized(maxTargetBytes, 'a symlink'))) }
    : {}
  const isSymlink = (mode & FileType.mask) === FileType.symlink
  if (isSymlink !== 'target' in target) throw damaged('a symlink without a target, or the reverse')
  return { type: 'make', ...entry, mode, uid, gid, rdev, ...target, time: readTime(input) }
}

function readRename(input: ByteReader): ChangeOf<'rename'> {
  const exchange = readFlag(input)
  const [parent, name] = [input.varint(), readName(input)]
  const [newParent, newName] = [input.varint(), readName(input)]
  return { type: 'rename', parent, name, newParent, newName, exchange, time: readTime(input) }
}

function readAttributes(input: ByteReader): ChangeOf<'attributes'> {
  const ino = input.varint()
  const flags = input.u8()
  if (flags > 63) throw damaged('a change of unknown attributes')
  const numbers = {
    ...(flags & AttributeFlag.mode ? { mode: input.limited(maxMode, 'a mode') } : {}),
    ...(flags & AttributeFlag.uid ? { uid: readOwner(input) } : {}),
    ...(flags & AttributeFlag.gid ? { gid: readOwner(input) } : {}),
    ...(flags & AttributeFlag.size ? { size: input.varint() } : {}),
  }
  const times = {
    ...(flags & AttributeFlag.atime ? { atime: readTime(input) } : {}),
    ...(flags & AttributeFlag.mtime ? { mtime: readTime(input) } : {}),
  }
  return { type: 'attributes', ino, ...numbers, ...times, time: readTime(input) }
}

function readXattr(input: ByteReader): ChangeOf<'xattr'> {
  const ino = input.varint()
  const name = checkedXattrName(input.text(maxNameBytes, 'an attribute name'))
  const value = readFlag(input) ? { value: Buffer.from(input.sized(maxXattrBytes, 'a value')) } : {}
  return { type: 'xattr', ino, name, ...value, time: readTime(input) }
}

function readState(input: ByteReader): ChangeOf<'inode'> {
  const flags = input.u8()
  if (flags > 3) throw damaged('an inode with unknown flags')
  const inode = readInode(input, absoluteBlobs)
  inode.linked = (flags & 1) !== 0
  inode.contentChanged = (flags & 2) !== 0
  return { type: 'inode', inode }
}

function readContentChange(input: ByteReader, type: 'write' | 'punch' | 'clone' | 'shift'): Change {
  const [ino, offset] = [input.varint(), input.varint()]
  switch (type) {
    case 'write': {
      const slice = readSlice(input)
      checkEnd(offset, slice.length)
      return { type, ino, offset, slice, time: readTime(input) }
    }
    case 'punch':
      return { type, ino, offset, length: readLength(input, offset), time: readTime(input) }
    case 'clone': {
      const [from, fromOffset] = [input.varint(), input.varint()]
      const length = readLength(input, Math.max(offset, fromOffset))
      return { type, from, fromOffset, ino, offset, length, time: readTime(input) }
    }
    case 'shift': {
      const by = input.signed()
      if (offset + by < 0) throw damaged('bytes are moved before their file')
      checkEnd(offset, by)
      return { type, ino, offset, by, time: readTime(input) }
    }
  }
}

function readOwner(input: ByteReader): number {
  return input.limited(maxUint32, 'a user or group id')
}

function readLength(input: ByteReader, offset: number): number {
  const length = input.varint()
  checkEnd(offset, length)
  return length
}

function checkEnd(offset: number, length: number): void {
  if (!Number.isSafeInteger(offset + length)) throw damaged('a change ends above 2^53')
}

function readFlag(input: ByteReader): boolean {
  const flag = input.u8()
  if (flag > 1) throw damaged(`a flag is ${flag}`)
  return flag === 1
}
