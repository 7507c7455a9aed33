import type { Name } from '../terms/name.ts'
import type { Attributes } from '../tree/attributes.ts'
import type { Timestamp } from '../tree/time.ts'

/** The kernel's number for an inode it knows; 1 is the root. Not the inode number that stat shows. */
export type NodeId = number
/** The kernel's number for an open file or directory. */
export type HandleId = number

/** Who asks. */
export interface Caller {
  readonly uid: number
  readonly gid: number
  readonly pid: number
  /** Undefined where the driver cannot tell; the kernel has applied it already then. */
  readonly umask: number | undefined
}

/** An inode handed to the kernel: each counts one lookup, until `forget`. */
export interface Node {
  readonly id: NodeId
  readonly attributes: Attributes
}

export interface SetAttributes {
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly size?: number
  /** `now`: UTIME_NOW. Absent: UTIME_OMIT. */
  readonly atime?: Timestamp | 'now'
  readonly mtime?: Timestamp | 'now'
  /** Only with the kernel's writeback cache: the kernel owns ctime of files with dirty pages. */
  readonly ctime?: Timestamp
  /** The handle of ftruncate, where there was one. */
  readonly handle?: HandleId
  /** The kernel asks to clear setuid, setgid and file capabilities (FATTR_KILL_SUIDGID). */
  readonly killPrivileges?: boolean
}

export interface Opened {
  readonly handle: HandleId
  /** Pages that the kernel has cached of this file are still right. */
  readonly keepCache: boolean
  /** Go around the page cache. */
  readonly directIo: boolean
  /** The same bytes as a file of this machine, from which the kernel may read by itself; the driver releases it. */
  readonly whole?: WholeFile
}

/** A file's bytes at one time, and what stat shows of them. */
export interface WholeFile extends Pick<Attributes, 'size' | 'blocks' | 'mtimeSec' | 'mtimeNsec'> {
  /** Open for reading, until the release. */
  readonly descriptor: number
  readonly release: () => void
}

export interface LockRange {
  readonly type: 'read' | 'write' | 'unlock'
  /** Bytes [start, end], inclusive; end is Number.MAX_SAFE_INTEGER for "to the end". */
  readonly start: number
  readonly end: number
  readonly pid: number
}

export interface StatFs {
  readonly blockBytes: number
  readonly blocks: number
  readonly freeBlocks: number
  readonly inodes: number
  readonly freeInodes: number
  readonly maxNameBytes: number
}

/** Receives directory entries; false means that it is full and this entry was not taken. */
export interface DirectorySink {
  (name: Name, ino: number, mode: number, nextCookie: number, node: Node | undefined): boolean
}

/** At once, or when the network has answered. */
export type Answer<T> = T | Promise<T>

/** Flags of setxattr(2), and one of the protocol: the caller may not keep setgid (FUSE_SETXATTR_ACL_KILL_SGID). */
export const XattrFlag = { create: 1, replace: 2, killSetgid: 0x100 } as const

/** Flags of rename(2). */
export const RenameFlag = { noReplace: 1, exchange: 2, whiteout: 4 } as const

/**
 * The file system as the kernel sees it, by inode. What is asked for and not there all the time (a name, an attribute) is undefined, since
 * V8 never compiles a function that ends by throwing. Every other failure is an FsError (thrown, or the promise's). What can be
 * answered from memory or the local disk is answered in the same turn. Buffers given are borrowed until the call
 * returns (a promise does not prolong that: copied before the first await). The signal aborts when the caller was
 * interrupted; then the answer is EINTR.
 */
export interface FileSystem {
  /** Called before each reply: what calls have changed by then must outlive this process. Throws nothing. */
  settle(): void
  lookup(parent: NodeId, name: Name, caller: Caller, signal?: AbortSignal): Answer<Node | undefined>
  /** The kernel forgets `count` lookups. */
  forget(node: NodeId, count: number): void
  getattr(node: NodeId, handle: HandleId | undefined): Answer<Attributes>
  setattr(node: NodeId, set: SetAttributes, caller: Caller): Answer<Attributes>
  readlink(node: NodeId): Answer<Uint8Array>
  access(node: NodeId, mask: number, caller: Caller): Answer<void>

  mknod(parent: NodeId, name: Name, mode: number, rdev: number, caller: Caller): Answer<Node>
  mkdir(parent: NodeId, name: Name, mode: number, caller: Caller): Answer<Node>
  symlink(parent: NodeId, name: Name, target: Uint8Array, caller: Caller): Answer<Node>
  link(node: NodeId, newParent: NodeId, newName: Name, caller: Caller): Answer<Node>
  unlink(parent: NodeId, name: Name, caller: Caller): Answer<void>
  rmdir(parent: NodeId, name: Name, caller: Caller): Answer<void>
  /** `flags`: {@link RenameFlag}. */
  rename(
    parent: NodeId,
    name: Name,
    newParent: NodeId,
    newName: Name,
    flags: number,
    caller: Caller,
  ): Answer<void>

  /** `flags`: O_* of open(2). */
  open(node: NodeId, flags: number, caller: Caller): Answer<Opened>
  create(
    parent: NodeId,
    name: Name,
    mode: number,
    flags: number,
    caller: Caller,
  ): Answer<{ readonly node: Node; readonly opened: Opened }>
  tmpfile(
    parent: NodeId,
    mode: number,
    flags: number,
    caller: Caller,
  ): Answer<{ readonly node: Node; readonly opened: Opened }>
  /**
   * Reads at most into.length bytes at `offset`. A number: so many are in `into`. A Uint8Array: the bytes lie there,
   * unchanged until the end of this turn. A promise: a buffer of its own.
   */
  read(
    node: NodeId,
    handle: HandleId,
    offset: number,
    into: Uint8Array,
    signal?: AbortSignal,
  ): number | Uint8Array | Promise<Uint8Array>
  /**
   * All of `bytes`, at `offset`. `cached`: pages of the kernel's writeback cache, not a caller's own write (no O_APPEND,
   * no setuid clearing). Returns the count.
   */
  write(
    node: NodeId,
    handle: HandleId,
    offset: number,
    bytes: Uint8Array,
    cached: boolean,
    caller: Caller,
  ): Answer<number>
  /** Each close(2) of a descriptor. `owner` is the lock owner. */
  flush(node: NodeId, handle: HandleId, owner: bigint): Answer<void>
  /** The last descriptor is gone. `flockOwner` where a flock was held. */
  release(node: NodeId, handle: HandleId, flockOwner: bigint | undefined): Answer<void>
  fsync(node: NodeId, handle: HandleId, dataOnly: boolean): Answer<void>
  fallocate(
    node: NodeId,
    handle: HandleId,
    mode: number,
    offset: number,
    length: number,
    caller: Caller,
  ): Answer<void>
  /** SEEK_DATA (3) and SEEK_HOLE (4). */
  lseek(node: NodeId, handle: HandleId, offset: number, whence: number): Answer<number>
  copyFileRange(
    fromNode: NodeId,
    fromHandle: HandleId,
    fromOffset: number,
    node: NodeId,
    handle: HandleId,
    offset: number,
    length: number,
    caller: Caller,
  ): Answer<number>

  opendir(node: NodeId, flags: number, caller: Caller): Answer<Opened>
  /** Entries after the cookie, `.` and `..` among them; with `plus` each but those two comes with a Node that counts a lookup. */
  readdir(
    node: NodeId,
    handle: HandleId,
    cookie: number,
    plus: boolean,
    sink: DirectorySink,
  ): Answer<void>
  releasedir(node: NodeId, handle: HandleId): Answer<void>
  fsyncdir(node: NodeId, handle: HandleId, dataOnly: boolean): Answer<void>

  statfs(node: NodeId): Answer<StatFs>
  /** `flags`: {@link XattrFlag}. */
  setxattr(node: NodeId, name: Name, value: Uint8Array, flags: number, caller: Caller): Answer<void>
  getxattr(node: NodeId, name: Name, caller: Caller): Answer<Uint8Array | undefined>
  listxattr(node: NodeId, caller: Caller): Answer<readonly Name[]>
  removexattr(node: NodeId, name: Name, caller: Caller): Answer<void>

  /** The lock that stands in the way, or undefined. */
  getlk(
    node: NodeId,
    handle: HandleId,
    owner: bigint,
    lock: LockRange,
  ): Answer<LockRange | undefined>
  /** `wait`: F_SETLKW; `flock`: BSD lock. Waiting never holds up others; an abort gives EINTR. */
  setlk(
    node: NodeId,
    handle: HandleId,
    owner: bigint,
    lock: LockRange,
    wait: boolean,
    flock: boolean,
    signal: AbortSignal,
  ): Answer<void>
}
