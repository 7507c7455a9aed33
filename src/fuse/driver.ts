import type { Name } from '../terms/name.ts'
import type { Log } from '../runtime/log.ts'
import type { Timestamp } from '../tree/time.ts'
import type { FileSystem, NodeId } from '../vfs/file-system.ts'

/** How the mount is to be made. */
export interface MountOptions {
  /** An absolute directory, or `/dev/fd/N`: a /dev/fuse descriptor that mount.fuse3 has opened and mounted already. */
  readonly mountPoint: string
  /** Shown as the source in /proc/mounts. */
  readonly source: string
  readonly readOnly: boolean
  /** Other users may see the mount; the kernel checks permissions by mode (`default_permissions`) then. */
  readonly allowOther: boolean
  /** Seconds the kernel may believe names and attributes; invalidation keeps them right. @default 3600 (kernel driver) */
  readonly entryTimeoutSec?: number
  readonly attributeTimeoutSec?: number
  /** Seconds the kernel may believe that a name does not exist; 0: it asks each time. @default as for names */
  readonly negativeTimeoutSec?: number
  /** Let the kernel gather writes. @default true where the driver can */
  readonly writebackCache?: boolean
  /**
   * The directory of the whole files that the kernel is to read by itself, on a mount without the writeback cache.
   * @default it reads through us
   */
  readonly passthrough?: string | undefined
  /** More options for the kernel or for fusermount3 (`nosuid`, `noexec`, `dev`, …), as given with -o. */
  readonly extra: readonly string[]
  readonly log: Log
}

/** A mount that stands. */
export interface Mounted {
  /** What was negotiated, for `status`: `kernel 7.45, 1 MiB requests, writeback cache, …`. */
  readonly description: string
  /** Why the kernel reads all files through us, although it was not to; undefined when that is not so. */
  readonly passthroughRefused: string | undefined
  /** Attributes and, when a range is given, cached pages of this inode are out of date. Never waits for the kernel. */
  invalidateNode(node: NodeId, offset?: number, length?: number): void
  /** A name means something else now (or nothing). Never waits for the kernel. */
  invalidateEntry(parent: NodeId, name: Name): void
  /**
   * Unmounts; the kernel hands its dirty pages over first, so requests are served until it is done. Throws FsError EBUSY when files
   * are open. `lazy` detaches at once though they are, and goes on serving them until the last is closed: `ended` says when.
   */
  unmount(lazy: boolean): Promise<void>
  /** Ends serving now: programs that still use the mount get ENOTCONN, and what the kernel had not handed over is lost. */
  abort(): void
  /** Resolves when the mount is gone, by us or by anyone (umount, fusermount3 -u, abort). */
  readonly ended: Promise<void>
}

/** The kernel's door: a driver turns requests into calls of a {@link FileSystem}, and its answers into replies. */
export interface Driver {
  readonly name: 'kernel' | 'fuse-native'
  /** What it cannot do, for SEMANTICS and the warning at mount; empty for the kernel driver. */
  readonly limitations: readonly string[]
  /** The time that the kernel would give to a write which it keeps for itself; undefined where it keeps none, or nobody knows. */
  readonly writeTime?: () => Timestamp
  mount(fileSystem: FileSystem, options: MountOptions): Promise<Mounted>
}

/** Why it could not be mounted. */
export type MountErrorCode =
  | 'no-dev-fuse' // /dev/fuse is missing or may not be opened
  | 'no-fusermount' // fusermount3 is not installed and we are not root
  | 'no-libfuse' // fuse-native cannot load its library
  | 'not-a-directory'
  | 'not-empty'
  | 'busy' // something is mounted there
  | 'stale' // a dead FUSE mount is there (ENOTCONN)
  | 'allow-other' // user_allow_other is not set in /etc/fuse.conf
  | 'refused' // mount or fusermount3 said no; the message has its words

export class MountError extends Error {
  override readonly name = 'MountError'
  readonly code: MountErrorCode

  constructor(code: MountErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
