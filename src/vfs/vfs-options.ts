import type { Clock } from '../runtime/clock.ts'
import type { Content } from '../content/content-api.ts'
import type { WholeFiles } from '../content/whole-files.ts'
import type { Name } from '../terms/name.ts'
import type { Inode } from '../tree/inode.ts'
import type { Timestamp } from '../tree/time.ts'
import type { WorktreeApi } from '../tree/worktree-api.ts'
import type { Answer } from './file-system.ts'
import type { Invalidations } from './invalidations.ts'
import type { VirtualDirectory } from './virtual-node.ts'

/** What the file system needs of a worktree. */
export type LiveTree = Pick<
  WorktreeApi,
  | 'root'
  | 'usedBytes'
  | 'usedInodes'
  | 'lookup'
  | 'entries'
  | 'extents'
  | 'allocate'
  | 'makeUnnamed'
  | 'apply'
  | 'retain'
  | 'release'
> & {
  /**
   * Whether all that stat shows of a listed inode is known; else a directory gives its name alone, and the kernel looks it up when
   * somebody asks. @default always
   */
  readonly isKnown?: (inode: Inode) => boolean
}

/** What the file system stands on. */
export interface VfsParts {
  readonly worktree: LiveTree
  readonly content: Content
  readonly clock: Clock
}

/** How it behaves, and what the daemon lends it. */
export interface VfsOptions {
  /** Hands what was changed to the system, which keeps it when this process is killed. @default nothing */
  readonly settle?: () => void
  /** Makes everything acknowledged so far committed on chain: what fsync waits for with durability `remote`. @default fsync is local */
  readonly commit?: () => Promise<void>
  /** Nothing may be changed now. @default never */
  readonly readOnly?: () => boolean
  /** Asked before each write; a promise while there is too much dirty, which the write waits for. @default never */
  readonly throttle?: () => Promise<void> | undefined
  /**
   * The time that the kernel would give now to a write whose pages it keeps. A file that is made and opened begins with it: a
   * write within the same tick of that clock leaves the kernel no other time to tell. @default the clock's time
   */
  readonly writeTime?: () => Timestamp
  /** Bytes that the drive may hold: df shows it, and writes beyond it get ENOSPC. @default 2^50 (shown, not enforced) */
  readonly capacityBytes?: number
  /** Whether reading moves atime. @default 'none' */
  readonly accessTimes?: 'none' | 'relatime'
  /** What `.walrusfs` in the root is. @default nothing */
  readonly virtual?: VirtualDirectory
  /** The kernel's caches are wrong about a file that was renewed and is still open elsewhere. @default nobody is told */
  readonly onStale?: (stale: Invalidations) => void
  /** Pages that the kernel wrote back late could not be taken: whose, how many bytes, and why. @default only the kernel is told */
  readonly onRefused?: (file: Inode, bytes: number, why: unknown) => void
  /**
   * Attributes that nobody stores: the value of a name that begins with `user.walrus.`, or undefined. None is listed, none can be
   * set. @default none: such names are like any other
   */
  readonly toldAttribute?: (inode: Inode, name: Name) => Answer<Uint8Array | undefined>
  /** Files that the kernel may read by itself, of a drive that is only read. @default none */
  readonly whole?: Pick<WholeFiles, 'open' | 'closed'>
  /** Supplementary groups of a process; undefined when they cannot be known. @default from /proc */
  readonly groupsOf?: (pid: number) => readonly number[] | undefined
}
