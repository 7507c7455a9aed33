import { FsError } from '../terms/errno.ts'
import type { Name } from '../terms/name.ts'
import type { Inode } from '../tree/inode.ts'
import type { Timestamp } from '../tree/time.ts'
import { decodeAcl, encodeAcl, isMinimal, permissionsOf } from './acl.ts'
import type { Acl } from './acl.ts'
import { XattrFlag } from './file-system.ts'
import { accessAclName, defaultAclName } from './inheritance.ts'
import { setgid } from './privileges.ts'
import { isDirectory } from './volume.ts'
import type { Volume } from './volume.ts'

/**
 * Sets `system.posix_acl_access`: the mode's permission bits follow it, and a list that says no more than they do is
 * not kept (posix_acl_update_mode).
 */
export function setAccessAcl(volume: Volume, inode: Inode, value: Uint8Array, flags: number): void {
  const acl = decodeAcl(value)
  const time = volume.now()
  if (acl !== undefined) {
    const kept = (flags & XattrFlag.killSetgid) === 0 ? inode.mode : inode.mode & ~setgid
    const mode = (kept & ~0o777) | permissionsOf(acl)
    volume.apply({ type: 'attributes', ino: inode.ino, mode, time })
  }
  keep(volume, inode, accessAclName, acl === undefined || isMinimal(acl) ? undefined : acl, time)
}

/** Sets `system.posix_acl_default`, which directories only have. */
export function setDefaultAcl(volume: Volume, inode: Inode, value: Uint8Array): void {
  const acl = decodeAcl(value)
  if (!isDirectory(inode)) {
    if (acl === undefined) return
    throw new FsError('EACCES', 'a default ACL of no directory')
  }
  keep(volume, inode, defaultAclName, acl, volume.now())
}

function keep(
  volume: Volume,
  inode: Inode,
  name: Name,
  acl: Acl | undefined,
  time: Timestamp,
): void {
  if (acl === undefined && inode.xattrs?.has(name) !== true) return
  const value = acl && encodeAcl(acl)
  volume.apply({ type: 'xattr', ino: inode.ino, name, ...(value && { value }), time })
}
