import type { Change } from '../change.ts'
import type { Timestamp } from '../time.ts'
import type { ByteWriter } from './byte-writer.ts'
import { writeSlice } from './extent-format.ts'
import { writeInode } from './inode-format.ts'
import { absoluteBlobs } from './ref-format.ts'
import { writeTime } from './time-format.ts'

type ChangeOf<T extends Change['type']> = Extract<Change, { type: T }>

/** Which optional fields an `attributes` change has. */
export const AttributeFlag = { mode: 1, uid: 2, gid: 4, size: 8, atime: 16, mtime: 32 } as const

/** The fields of a change, in the order of tree/README.md. */
export function writeChangeBody(out: ByteWriter, change: Change): void {
  switch (change.type) {
    case 'bind':
      return writeEntry(out, change.ino, change.parent, change.name)
    case 'bind-linked':
      return out.varint(change.ino)
    case 'make':
      return writeMake(out, change)
    case 'link':
      writeEntry(out, change.ino, change.parent, change.name)
      return writeTimestamp(out, change.time)
    case 'unlink':
      out.varint(change.parent)
      out.text(change.name)
      return writeTimestamp(out, change.time)
    case 'rename':
      writeEntry(out, change.exchange ? 1 : 0, change.parent, change.name)
      out.varint(change.newParent)
      out.text(change.newName)
      return writeTimestamp(out, change.time)
    case 'attributes':
      return writeAttributes(out, change)
    case 'xattr':
      return writeXattr(out, change)
    case 'inode':
      return writeState(out, change)
    case 'name':
      return writeEntry(out, change.ino ?? 0, change.parent, change.name)
    case 'totals':
      out.varint(change.usedBytes)
      out.varint(change.usedInodes)
      return out.varint(change.nextIno)
    case 'write':
    case 'punch':
    case 'clone':
    case 'shift':
      return writeContentChange(out, change)
  }
}

function writeEntry(out: ByteWriter, first: number, parent: number, name: string): void {
  out.varint(first)
  out.varint(parent)
  out.text(name)
}

function writeMake(out: ByteWriter, change: ChangeOf<'make'>): void {
  writeEntry(out, change.ino, change.parent, change.name)
  out.varint(change.mode)
  out.varint(change.uid)
  out.varint(change.gid)
  out.varint(change.rdev)
  out.u8(change.target ? 1 : 0)
  if (change.target) out.sized(change.target)
  writeTimestamp(out, change.time)
}

function writeAttributes(out: ByteWriter, change: ChangeOf<'attributes'>): void {
  const { mode, uid, gid, size, atime, mtime } = change
  out.varint(change.ino)
  out.u8(
    (mode === undefined ? 0 : AttributeFlag.mode) |
      (uid === undefined ? 0 : AttributeFlag.uid) |
      (gid === undefined ? 0 : AttributeFlag.gid) |
      (size === undefined ? 0 : AttributeFlag.size) |
      (atime ? AttributeFlag.atime : 0) |
      (mtime ? AttributeFlag.mtime : 0),
  )
  for (const number of [mode, uid, gid, size]) if (number !== undefined) out.varint(number)
  for (const time of [atime, mtime]) if (time) writeTimestamp(out, time)
  writeTimestamp(out, change.time)
}

function writeXattr(out: ByteWriter, change: ChangeOf<'xattr'>): void {
  out.varint(change.ino)
  out.text(change.name)
  out.u8(change.value ? 1 : 0)
  if (change.value) out.sized(change.value)
  writeTimestamp(out, change.time)
}

function writeState(out: ByteWriter, { inode }: ChangeOf<'inode'>): void {
  out.u8((inode.linked ? 1 : 0) | (inode.contentChanged ? 2 : 0))
  writeInode(out, absoluteBlobs, inode)
}

function writeContentChange(
  out: ByteWriter,
  change: ChangeOf<'write' | 'punch' | 'clone' | 'shift'>,
): void {
  out.varint(change.ino)
  out.varint(change.offset)
  switch (change.type) {
    case 'write':
      writeSlice(out, change.slice)
      break
    case 'punch':
      out.varint(change.length)
      break
    case 'clone':
      out.varint(change.from)
      out.varint(change.fromOffset)
      out.varint(change.length)
      break
    case 'shift':
      out.signed(change.by)
      break
  }
  writeTimestamp(out, change.time)
}

function writeTimestamp(out: ByteWriter, time: Timestamp): void {
  writeTime(out, time.sec, time.nsec)
}
