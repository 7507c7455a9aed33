import type { Inode } from '../tree/inode.ts'
import type { Timestamp } from '../tree/time.ts'
import { isBefore } from './stamps.ts'
import type { Volume } from './volume.ts'

const daySec = 86_400

/** The next read moves atime, as mount(8) says of relatime: it is not later than mtime or ctime, or a day old. */
export function isAccessTimeDue(volume: Volume, inode: Inode): boolean {
  if (volume.options.accessTimes !== 'relatime' || volume.options.readOnly?.() === true)
    return false
  const atime = { sec: inode.atimeSec, nsec: inode.atimeNsec }
  const mtime = { sec: inode.mtimeSec, nsec: inode.mtimeNsec }
  const isFresh = isBefore(mtime, atime) && isBefore(ctimeOf(inode), atime)
  return !isFresh || volume.now().sec - atime.sec >= daySec
}

/** Moves atime after a read, if it is due. A failure is nobody's: the read has succeeded. */
export function touchAccessTime(volume: Volume, inode: Inode): void {
  if (!isAccessTimeDue(volume, inode)) return
  try {
    const time = ctimeOf(inode)
    volume.apply({ type: 'attributes', ino: inode.ino, atime: volume.now(), time })
  } catch {
    // A full journal says so to the next change.
  }
}

function ctimeOf(inode: Inode): Timestamp {
  return { sec: inode.ctimeSec, nsec: inode.ctimeNsec }
}
