import { FsError } from '../terms/errno.ts'
import { FileType } from '../tree/inode.ts'
import type { Inode } from '../tree/inode.ts'
import type { Timestamp } from '../tree/time.ts'
import { decodeAcl, encodeAcl, withPermissions } from './acl.ts'
import type { View } from './attempt.ts'
import type { Answer, Caller, NodeId, SetAttributes } from './file-system.ts'
import { accessAclName } from './inheritance.ts'
import { maxFileBytes, maxTimeSec } from './limits.ts'
import { dropCapabilities, dropPrivileges, withoutPrivileges } from './privileges.ts'
import { isDirectory, isRegular } from './volume.ts'
import type { Volume } from './volume.ts'

const accessMask = { execute: 1, write: 2 } as const
const anyExecute = 0o111

/** getattr, setattr and access. */
export class AttributeCalls {
  readonly #volume: Volume

  constructor(volume: Volume) {
    this.#volume = volume
  }

  getattr(node: NodeId): Inode {
    return this.#volume.nodes.inode(node)
  }

  setattr(node: NodeId, set: SetAttributes, caller: Caller): Answer<Inode> {
    return this.#volume.attempt((view) => this.set(view, node, set, caller))
  }

  /** The same as part of a call that looks at more. */
  set(view: View, node: NodeId, set: SetAttributes, caller: Caller): Inode {
    const inode = this.#volume.nodes.inode(node)
    this.#volume.checkWritable()
    if (set.size !== undefined) checkSize(inode, set.size)
    if (set.mode !== undefined && (inode.mode & FileType.mask) === FileType.symlink) {
      throw new FsError('EOPNOTSUPP', 'the mode of a symlink')
    }
    if (setsNothing(set)) {
      dropPrivileges(this.#volume, inode, caller)
      return inode
    }
    if (set.size !== undefined) view.extents(inode)
    this.#apply(inode, set, caller)
    if (set.size !== undefined) this.#volume.changedThrough(inode, node)
    return inode
  }

  /**
   * What access(2) is told where the kernel does not check modes itself: whoever may enter such a mount may do all,
   * but run what nobody may run, and write where nobody may.
   */
  access(node: NodeId, mask: number): void {
    const inode = this.#volume.nodes.inode(node)
    if ((mask & accessMask.write) !== 0) this.#volume.checkWritable()
    const mayRun = isDirectory(inode) || (inode.mode & anyExecute) !== 0
    if ((mask & accessMask.execute) !== 0 && !mayRun) throw new FsError('EACCES', 'not executable')
  }

  #apply(inode: Inode, set: SetAttributes, caller: Caller): void {
    const now = this.#volume.now()
    const time = momentOf(set.ctime, now) ?? now
    const resized = set.size !== undefined && set.size !== inode.size
    const mode = modeAfter(inode, set, caller)
    const atime = momentOf(set.atime, now)
    if (set.mtime !== undefined) this.#volume.lateTimes.told(inode)
    const mtime = momentOf(set.mtime, now) ?? (resized ? now : undefined)
    if (losesCapabilities(set)) dropCapabilities(this.#volume, inode, time)
    if (set.mode !== undefined && mode !== undefined) this.#keepAclInStep(inode, mode, time)
    this.#volume.apply({
      type: 'attributes',
      ino: inode.ino,
      ...(mode !== undefined && { mode }),
      ...(set.uid !== undefined && { uid: set.uid }),
      ...(set.gid !== undefined && { gid: set.gid }),
      ...(set.size !== undefined && { size: set.size }),
      ...(atime && { atime }),
      ...(mtime && { mtime }),
      time,
    })
  }

  #keepAclInStep(inode: Inode, mode: number, time: Timestamp): void {
    const stored = inode.xattrs?.get(accessAclName)
    const acl = stored && decodeAcl(stored)
    if (acl === undefined) return
    const value = encodeAcl(withPermissions(acl, mode))
    this.#volume.apply({ type: 'xattr', ino: inode.ino, name: accessAclName, value, time })
  }
}

function checkSize(inode: Inode, size: number): void {
  if (isDirectory(inode)) throw new FsError('EISDIR', 'the size of a directory')
  if (!isRegular(inode) || !(size >= 0)) throw new FsError('EINVAL', 'the size of no file')
  if (size > maxFileBytes) throw new FsError('EFBIG', 'larger than a file can be')
}

/** The whole mode after the call, where it changes: as asked, or without privileges after a chown or truncate. */
function modeAfter(inode: Inode, set: SetAttributes, caller: Caller): number | undefined {
  const type = inode.mode & FileType.mask
  const mode = set.mode === undefined ? inode.mode : type | (set.mode & 0o7777)
  const kills =
    set.killPrivileges === true ||
    (set.mode === undefined && (isChown(set) || (set.size !== undefined && caller.uid !== 0)))
  const after = kills ? withoutPrivileges(mode) : mode
  return set.mode === undefined && after === inode.mode ? undefined : after
}

/**
 * Before a write, a copy or an fallocate that must take privileges away, Linux sends a setattr with nothing in it, and
 * takes the mode from the answer; with it only the mode that the kernel remembers changes, too.
 */
function setsNothing(set: SetAttributes): boolean {
  const { mode, uid, gid, size, atime, mtime, ctime, killPrivileges } = set
  return [mode, uid, gid, size, atime, mtime, ctime, killPrivileges].every(
    (value) => value === undefined,
  )
}

function isChown(set: SetAttributes): boolean {
  return set.uid !== undefined || set.gid !== undefined
}

function losesCapabilities(set: SetAttributes): boolean {
  return set.killPrivileges === true || isChown(set) || set.size !== undefined
}

/** Beyond what can be kept it is the last moment that can, as on any file system. */
function momentOf(time: Timestamp | 'now' | undefined, now: Timestamp): Timestamp | undefined {
  if (time === 'now') return now
  if (time === undefined || Math.abs(time.sec) <= maxTimeSec) return time
  return { sec: Math.sign(time.sec) * maxTimeSec, nsec: 0 }
}
