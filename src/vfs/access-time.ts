import type { Inode } from '../tree/inode.ts'
import type { Timestamp } from '../tree/time.ts'
import { isBefore } from './stamps.ts'
import type { Volume } from './volume.ts'

const daySec = 86_400

/**
 * Moves atime after a read as mount(8) says of relatime: when it is not later than mtime or ctime, or a day old. A
 * failure is nobody's: the read has succeeded.
 */
export function touchAccessTime(volume: Volume, inode: Inode): void {
  if (volume.options.accessTimes !== 'relatime' || volume.options.readOnly?.() === true) return
  const atime = { sec: inode.atimeSec, nsec: inode.atimeNsec }
  const mtime = { sec: inode.mtimeSec, nsec: inode.mtimeNsec }
  const ctime = { sec: inode.ctimeSec, nsec: inode.ctimeNsec }
  const now = volume.now()
  const isFresh = isBefore(mtime, atime) && isBefore(ctime, atime)
  if (isFresh && now.sec - atime.sec < daySec) return
  setAccessTime(volume, inode, now, ctime)
}

function setAccessTime(volume: Volume, inode: Inode, atime: Timestamp, ctime: Timestamp): void {
  try {
    volume.apply({ type: 'attributes', ino: inode.ino, atime, time: ctime })
  } catch {
    // A full journal says so to the next change.
  }
}
