import type { Inode } from '../tree/inode.ts'
import type { Timestamp } from '../tree/time.ts'
import { isSameTime } from './stamps.ts'

interface Times {
  readonly mtime: Timestamp
  readonly ctime: Timestamp
}

interface Awaited {
  /** What the kernel last told, or was told. */
  readonly known: Times
  /** What the file shows meanwhile, as both. */
  given: Timestamp
}

/**
 * Times of files whose pages the kernel has written back. They are the kernel's: it tells them in a call of its own, most
 * often right after the pages. Until then such a file shows the time at which they came, so that no change looks like none
 * after a crash. But when two writes fall into one tick of the kernel's clock, or one is just being told, the kernel has
 * nothing to tell after the pages: what it told before goes on to hold.
 */
export class LateTimes {
  /** Of files that are open for writing: the last release ends it. */
  readonly #awaited = new Map<Inode, Awaited>()

  /** Pages came; the file shows `given` instead of what was `known`. */
  wrote(inode: Inode, known: Times, given: Timestamp): void {
    const awaited = this.#awaited.get(inode)
    if (awaited !== undefined && isSameTime(awaited.given, known.mtime)) awaited.given = given
    else this.#awaited.set(inode, { known, given })
  }

  /** The kernel has told the mtime, or will not: what the file shows now holds. */
  told(inode: Inode): void {
    this.#awaited.delete(inode)
  }

  /** Nothing more is to be told (the kernel does that before a close or an fsync): what a file has to show that still waits. */
  settled(inode: Inode): Times | undefined {
    const awaited = this.#awaited.get(inode)
    if (awaited === undefined) return undefined
    this.#awaited.delete(inode)
    const { known, given } = awaited
    const { mtime, ctime } = timesOf(inode)
    if (!isSameTime(mtime, given)) return undefined
    return { mtime: known.mtime, ctime: isSameTime(ctime, given) ? known.ctime : ctime }
  }
}

export function timesOf(inode: Inode): Times {
  return {
    mtime: { sec: inode.mtimeSec, nsec: inode.mtimeNsec },
    ctime: { sec: inode.ctimeSec, nsec: inode.ctimeNsec },
  }
}
