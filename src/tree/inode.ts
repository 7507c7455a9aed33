import type { Name } from '../terms/name.ts'
import type { Attributes } from './attributes.ts'
import type { ExtentMap } from './extent-map.ts'

/** File types of `mode` (S_IFMT). */
export const FileType = {
  mask: 0o170000,
  fifo: 0o010000,
  charDevice: 0o020000,
  directory: 0o040000,
  blockDevice: 0o060000,
  regular: 0o100000,
  symlink: 0o120000,
  socket: 0o140000,
} as const

/**
 * An inode of the worktree, as others may see it. Only the worktree changes it. The same object stands for the
 * same inode as long as anyone holds it, through commits, merges and after its last name is gone.
 */
export interface Inode extends Attributes {
  /** Extended attributes; undefined where there are none. */
  readonly xattrs: ReadonlyMap<Name, Uint8Array> | undefined
  /** The bytes of a regular file. */
  readonly extents: ExtentMap | undefined
  /** A symlink's target, bytes. */
  readonly target: Uint8Array | undefined
  /** A directory's own place; of the root, itself. For other types the name it was last reached by. */
  readonly parent: Inode | undefined
  readonly name: Name | undefined
  /** Names in the directory, when it is loaded. */
  readonly entries: DirectoryEntries | undefined
  /** Differs from what the last committed tree says. */
  readonly dirty: boolean
  /** What whoever retains it remembers with it. The worktree does not look at it. */
  holder: object | undefined
}

/** The names of one loaded directory. */
export interface DirectoryEntries {
  readonly count: number
  /** The cookie of the next new name: above those of all that are there. */
  readonly end: number
  get(name: Name): Inode | undefined
  /**
   * Entries after a cookie, in a stable order: an entry that is there all the time is given exactly once by a
   * full pass, whatever is added or removed meanwhile (POSIX readdir). The first cookie is 0; cookies of `.` and
   * `..` (1 and 2) belong to the caller, entries' cookies begin above them and fit in 53 bits.
   */
  after(cookie: number): Iterable<DirectoryEntry>
}

export interface DirectoryEntry {
  readonly name: Name
  readonly inode: Inode
  /** Pass it to `after` to go on behind this entry. */
  readonly cookie: number
}
