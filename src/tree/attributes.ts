/**
 * What stat shows. Plain mutable fields, no objects inside: the kernel driver writes a reply straight from them.
 */
export interface Attributes {
  /** The inode number, unique in the drive, kept through commits, 1 for the root. At most 2^53 − 1. */
  readonly ino: number
  /** Type (S_IFMT) and permission bits. */
  readonly mode: number
  readonly nlink: number
  readonly uid: number
  readonly gid: number
  /** Device number of a device node in Linux's 32-bit "new" encoding, else 0. */
  readonly rdev: number
  readonly size: number
  /** 512-byte units that hold data. */
  readonly blocks: number
  readonly atimeSec: number
  readonly atimeNsec: number
  readonly mtimeSec: number
  readonly mtimeNsec: number
  readonly ctimeSec: number
  readonly ctimeNsec: number
}
