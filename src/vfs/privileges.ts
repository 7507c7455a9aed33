import { nameFromText } from '../terms/name.ts'
import { FileType } from '../tree/inode.ts'
import type { Inode } from '../tree/inode.ts'
import type { Timestamp } from '../tree/time.ts'
import type { Caller } from './file-system.ts'
import type { Volume } from './volume.ts'

export const setuid = 0o4000
export const setgid = 0o2000
const groupExecute = 0o010
const capabilityName = nameFromText('security.capability')

/**
 * The mode without setuid, and without setgid where it means "runs as the group" (with group execute; without it
 * setgid once meant mandatory locking and stays), as setattr_should_drop_suidgid of the kernel. Directories keep all.
 */
export function withoutPrivileges(mode: number): number {
  if ((mode & FileType.mask) === FileType.directory) return mode
  const dropped = (mode & groupExecute) !== 0 ? setuid | setgid : setuid
  return mode & ~dropped
}

/** File capabilities (capabilities(7)) do not outlive a change of the file, whoever makes it. */
export function dropCapabilities(volume: Volume, inode: Inode, time: Timestamp): void {
  if (inode.xattrs?.has(capabilityName) !== true) return
  volume.apply({ type: 'xattr', ino: inode.ino, name: capabilityName, time })
}

/** Before the bytes of a file change by a call of `caller`: takes setuid, setgid and file capabilities away. */
export function dropPrivileges(volume: Volume, inode: Inode, caller: Caller): void {
  if (inode.xattrs !== undefined) dropCapabilities(volume, inode, volume.now())
  if (caller.uid === 0 || (inode.mode & (setuid | setgid)) === 0) return
  const mode = withoutPrivileges(inode.mode)
  if (mode === inode.mode) return
  volume.apply({ type: 'attributes', ino: inode.ino, mode, time: volume.now() })
}
