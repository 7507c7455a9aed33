import type { Name } from '../terms/name.ts'
import type { Slice } from './slice.ts'
import type { Timestamp } from './time.ts'
import type { TreeInode } from './worktree/tree-inode.ts'

/**
 * One change of the worktree: what the vfs asks for, what the journal keeps, what replay applies again. A change
 * holds everything that its effect depends on (numbers, times, owners), so that applying the same changes to the
 * same root gives the same worktree. All rules (permissions, existence, emptiness) were checked before.
 *
 * Every change moves ctime of what it touches to `time`; those of names move mtime and ctime of the directories, those
 * of bytes (`write`, `punch`, `clone`, `shift`) mtime and ctime of the file. `attributes` moves nothing but ctime and
 * what it names, whatever the size does. Byte arrays in a change are kept, not copied.
 */
export type Change =
  /** Says where an inode that is used below is found in the committed tree. Written by the worktree itself. */
  | { readonly type: 'bind'; readonly ino: number; readonly parent: number; readonly name: Name }
  /** The same for an inode of the table of hard links, found by its number. */
  | { readonly type: 'bind-linked'; readonly ino: number }
  /** A new inode under a new name. `target` is a symlink's bytes. */
  | {
      readonly type: 'make'
      readonly parent: number
      readonly name: Name
      readonly ino: number
      readonly mode: number
      readonly uid: number
      readonly gid: number
      readonly rdev: number
      readonly target?: Uint8Array
      readonly time: Timestamp
    }
  | {
      readonly type: 'link'
      readonly ino: number
      readonly parent: number
      readonly name: Name
      readonly time: Timestamp
    }
  /** Takes a name away, of a file or of an empty directory. */
  | {
      readonly type: 'unlink'
      readonly parent: number
      readonly name: Name
      readonly time: Timestamp
    }
  /** Moves a name, replacing what is there; with `exchange` the two change places. */
  | {
      readonly type: 'rename'
      readonly parent: number
      readonly name: Name
      readonly newParent: number
      readonly newName: Name
      readonly exchange: boolean
      readonly time: Timestamp
    }
  /** Sets what is given. `size` truncates or extends with a hole. */
  | {
      readonly type: 'attributes'
      readonly ino: number
      readonly mode?: number
      readonly uid?: number
      readonly gid?: number
      readonly size?: number
      readonly atime?: Timestamp
      readonly mtime?: Timestamp
      readonly time: Timestamp
    }
  /** Bytes written: the file shows the slice from `offset` on; the size grows to its end. */
  | {
      readonly type: 'write'
      readonly ino: number
      readonly offset: number
      readonly slice: Slice
      readonly time: Timestamp
    }
  /** Makes [offset, offset + length) a hole; the size stays. */
  | {
      readonly type: 'punch'
      readonly ino: number
      readonly offset: number
      readonly length: number
      readonly time: Timestamp
    }
  /** Shows bytes of another file (or of the same one) without copying them. */
  | {
      readonly type: 'clone'
      readonly from: number
      readonly fromOffset: number
      readonly ino: number
      readonly offset: number
      readonly length: number
      readonly time: Timestamp
    }
  /** Moves the bytes from `offset` on by `by` (FALLOC_FL_INSERT_RANGE, or COLLAPSE_RANGE when negative). */
  | {
      readonly type: 'shift'
      readonly ino: number
      readonly offset: number
      readonly by: number
      readonly time: Timestamp
    }
  /** Sets an extended attribute, or takes it away when there is no value. */
  | {
      readonly type: 'xattr'
      readonly ino: number
      readonly name: Name
      readonly value?: Uint8Array
      readonly time: Timestamp
    }
  /** The whole state of an inode, in place of what was known of it. Written by the worktree itself. */
  | { readonly type: 'inode'; readonly inode: TreeInode }
  /** Makes a name mean an inode, or nothing, with no other effect. Written by the worktree itself. */
  | {
      readonly type: 'name'
      readonly parent: number
      readonly name: Name
      readonly ino: number | undefined
    }
  /** The totals that belong to the changes before. Written by the worktree itself. */
  | {
      readonly type: 'totals'
      readonly usedBytes: number
      readonly usedInodes: number
      readonly nextIno: number
    }
