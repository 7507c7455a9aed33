import type { Name } from '../terms/name.ts'
import { nameFromText } from '../terms/name.ts'
import { FileType } from '../tree/inode.ts'
import type { Inode } from '../tree/inode.ts'
import type { Timestamp } from '../tree/time.ts'
import { decodeAcl, encodeAcl, inherited, isMinimal, permissionsOf } from './acl.ts'
import type { Acl } from './acl.ts'
import type { Caller } from './file-system.ts'
import { isInGroup } from './groups.ts'
import { setgid } from './privileges.ts'
import type { Volume } from './volume.ts'

export const accessAclName: Name = nameFromText('system.posix_acl_access')
export const defaultAclName: Name = nameFromText('system.posix_acl_default')

const permissionBits = 0o7777
const groupExecute = 0o010

/** What a new inode gets from its directory and its maker. */
export interface Birth {
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly accessAcl: Acl | undefined
  /** The directory's default ACL as it is stored, for a new directory. */
  readonly defaultAcl: Uint8Array | undefined
}

/**
 * Owner, group, mode and ACLs of what `caller` makes in `directory`. `mode` holds the type, too. As ext4:
 * inode_init_owner, mode_strip_sgid and posix_acl_create of the kernel; acl(5).
 */
export function birthIn(volume: Volume, directory: Inode, mode: number, caller: Caller): Birth {
  const type = mode & FileType.mask
  const gid = directory.mode & setgid ? directory.gid : caller.gid
  const wanted = type | groupBits(volume, directory, mode, caller)
  const owners = { uid: caller.uid, gid }
  const stored = type === FileType.symlink ? undefined : directory.xattrs?.get(defaultAclName)
  const acl = stored && decodeAcl(stored)
  if (acl === undefined) {
    const masked = type === FileType.symlink ? wanted : wanted & ~(caller.umask ?? 0)
    return { ...owners, mode: masked, accessAcl: undefined, defaultAcl: undefined }
  }
  const access = inherited(acl, wanted)
  return {
    ...owners,
    mode: (wanted & ~0o777) | permissionsOf(access),
    accessAcl: isMinimal(access) ? undefined : access,
    defaultAcl: type === FileType.directory ? stored : undefined,
  }
}

/** Gives a new inode the ACLs of its birth. */
export function applyAcls(volume: Volume, inode: Inode, birth: Birth, time: Timestamp): void {
  const { ino } = inode
  if (birth.accessAcl !== undefined) {
    const value = encodeAcl(birth.accessAcl)
    volume.apply({ type: 'xattr', ino, name: accessAclName, value, time })
  }
  if (birth.defaultAcl !== undefined) {
    volume.apply({ type: 'xattr', ino, name: defaultAclName, value: birth.defaultAcl, time })
  }
}

/** The permission bits with setgid as the directory has it. */
function groupBits(volume: Volume, directory: Inode, mode: number, caller: Caller): number {
  const bits = mode & permissionBits
  if ((directory.mode & setgid) === 0) return bits
  if ((mode & FileType.mask) === FileType.directory) return bits | setgid
  const runsAsGroup = (bits & (setgid | groupExecute)) === (setgid | groupExecute)
  if (!runsAsGroup || isInGroup(caller, directory.gid, volume.options.groupsOf)) return bits
  return bits & ~setgid
}
