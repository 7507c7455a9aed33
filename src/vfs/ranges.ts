import { FsError } from '../terms/errno.ts'
import type { Inode } from '../tree/inode.ts'
import type { View } from './attempt.ts'
import type { Answer, Caller, HandleId, NodeId } from './file-system.ts'
import { writableFile } from './io.ts'
import { blockBytes, maxCopyBytes, maxFileBytes } from './limits.ts'
import { dropPrivileges } from './privileges.ts'
import { isVirtual } from './virtual-node.ts'
import type { Volume } from './volume.ts'

/** Modes of fallocate(2). */
export const AllocateMode = {
  keepSize: 0x01,
  punchHole: 0x02,
  collapseRange: 0x08,
  zeroRange: 0x10,
  insertRange: 0x20,
} as const

const seek = { data: 3, hole: 4 } as const

/** From where to where, as copy_file_range(2) was asked. */
export interface RangeCopy {
  readonly fromHandle: HandleId
  readonly fromOffset: number
  readonly handle: HandleId
  readonly offset: number
  readonly length: number
}

/** The calls that move ranges of a file about: fallocate, lseek, copy_file_range. */
export class RangeCalls {
  readonly #volume: Volume

  constructor(volume: Volume) {
    this.#volume = volume
  }

  fallocate(
    handle: HandleId,
    mode: number,
    offset: number,
    length: number,
    caller: Caller,
  ): Answer<void> {
    return this.#volume.attempt((view) => {
      const { inode, node } = writableFile(this.#volume, handle)
      view.extents(inode)
      this.#allocate(inode, mode, offset, length, caller)
      this.#volume.changedThrough(inode, node)
    })
  }

  #allocate(inode: Inode, mode: number, offset: number, length: number, caller: Caller): void {
    if (!(offset >= 0 && length > 0)) throw new FsError('EINVAL', 'an empty range')
    if (offset + length > maxFileBytes) throw new FsError('EFBIG', 'larger than a file can be')
    const { keepSize, punchHole, collapseRange, zeroRange, insertRange } = AllocateMode
    // Nothing is reserved, but what can never be there is refused.
    if ((mode & ~(keepSize | zeroRange)) === 0 && length > this.#volume.freeBytes) {
      throw new FsError('ENOSPC', 'more than the drive has room for')
    }
    switch (mode) {
      case 0:
        return this.#extend(inode, offset + length, caller)
      case keepSize:
        return undefined
      case punchHole | keepSize:
        return this.#punch(inode, offset, length, caller)
      case zeroRange:
      case zeroRange | keepSize:
        this.#punch(inode, offset, length, caller)
        if (mode === zeroRange) this.#extend(inode, offset + length, caller)
        return undefined
      case collapseRange:
        return this.#collapse(inode, offset, length, caller)
      case insertRange:
        return this.#insert(inode, offset, length, caller)
      default:
        throw new FsError('EOPNOTSUPP', `fallocate mode ${mode}`)
    }
  }

  lseek(node: NodeId, offset: number, whence: number): Answer<number> {
    if (isVirtual(node)) {
      if (whence !== seek.data && whence !== seek.hole) throw new FsError('EINVAL', 'whence')
      return this.#volume.virtual.lseek(node, offset, whence === seek.hole)
    }
    return this.#volume.attempt((view) => this.#seek(view, node, offset, whence))
  }

  #seek(view: View, node: NodeId, offset: number, whence: number): number {
    const inode = this.#volume.nodes.inode(node)
    if (whence !== seek.data && whence !== seek.hole) throw new FsError('EINVAL', 'whence')
    if (!(offset >= 0 && offset < inode.size)) throw new FsError('ENXIO', 'beyond the end')
    view.extents(inode)
    if (whence === seek.hole) return Math.min(inode.extents?.nextHole(offset) ?? offset, inode.size)
    const data = inode.extents?.nextData(offset)
    if (data === undefined || data >= inode.size) throw new FsError('ENXIO', 'no data there')
    return data
  }

  copyFileRange(copy: RangeCopy, caller: Caller): Answer<number> {
    return this.#volume.attempt((view) => this.#copy(view, copy, caller))
  }

  #copy(view: View, copy: RangeCopy, caller: Caller): number {
    // The kernel copies the bytes then.
    if (isVirtual(copy.fromHandle)) throw new FsError('EOPNOTSUPP', 'from a virtual file')
    const from = this.#volume.files.get(copy.fromHandle).inode
    const { inode, node } = writableFile(this.#volume, copy.handle)
    view.extents(from)
    view.extents(inode)
    const { fromOffset, offset } = copy
    if (!(fromOffset >= 0 && offset >= 0)) throw new FsError('EINVAL', 'a negative offset')
    const length = Math.min(copy.length, from.size - fromOffset, maxCopyBytes)
    if (length <= 0) return 0
    if (offset + length > maxFileBytes) throw new FsError('EFBIG', 'larger than a file can be')
    if (from === inode && Math.abs(fromOffset - offset) < length) {
      throw new FsError('EINVAL', 'overlapping ranges of one file')
    }
    // A file without a name is not in the journal, so a replay could not find its bytes; the kernel copies them then.
    if (from.nlink === 0 && inode.nlink !== 0) {
      throw new FsError('EOPNOTSUPP', 'from a file without a name')
    }
    dropPrivileges(this.#volume, inode, caller)
    this.#clone(from, fromOffset, inode, offset, length)
    this.#volume.changedThrough(inode, node)
    return length
  }

  #clone(from: Inode, fromOffset: number, inode: Inode, offset: number, length: number): void {
    this.#volume.content.share(from, fromOffset, length)
    this.#volume.apply({
      type: 'clone',
      from: from.ino,
      fromOffset,
      ino: inode.ino,
      offset,
      length,
      time: this.#volume.now(),
    })
  }

  #extend(inode: Inode, size: number, caller: Caller): void {
    if (size <= inode.size) return
    dropPrivileges(this.#volume, inode, caller)
    this.#setSize(inode, size)
  }

  #setSize(inode: Inode, size: number): void {
    const time = this.#volume.now()
    this.#volume.apply({ type: 'attributes', ino: inode.ino, size, mtime: time, time })
  }

  #punch(inode: Inode, offset: number, length: number, caller: Caller): void {
    dropPrivileges(this.#volume, inode, caller)
    const time = this.#volume.now()
    this.#volume.apply({ type: 'punch', ino: inode.ino, offset, length, time })
  }

  /** FALLOC_FL_COLLAPSE_RANGE: what lies behind the range moves down over it. */
  #collapse(inode: Inode, offset: number, length: number, caller: Caller): void {
    checkAligned(offset, length)
    if (offset + length >= inode.size) throw new FsError('EINVAL', 'the range reaches the end')
    dropPrivileges(this.#volume, inode, caller)
    this.#shift(inode, offset + length, -length)
  }

  /** FALLOC_FL_INSERT_RANGE: what lies from the offset on moves up, and leaves a hole. */
  #insert(inode: Inode, offset: number, length: number, caller: Caller): void {
    checkAligned(offset, length)
    if (offset >= inode.size) throw new FsError('EINVAL', 'the offset is at the end or beyond')
    if (inode.size + length > maxFileBytes) {
      throw new FsError('EFBIG', 'larger than a file can be')
    }
    dropPrivileges(this.#volume, inode, caller)
    this.#shift(inode, offset, length)
  }

  #shift(inode: Inode, offset: number, by: number): void {
    this.#volume.apply({ type: 'shift', ino: inode.ino, offset, by, time: this.#volume.now() })
  }
}

function checkAligned(offset: number, length: number): void {
  if (offset % blockBytes !== 0 || length % blockBytes !== 0) {
    throw new FsError('EINVAL', `not a multiple of ${blockBytes}`)
  }
}
