import { FsError } from '../terms/errno.ts'
import type { Name } from '../terms/name.ts'
import type { Attributes } from '../tree/attributes.ts'
import type { ExtentMap } from '../tree/extent-map.ts'
import type { Answer, NodeId } from './file-system.ts'

/** Numbers of virtual nodes, and of what is open of them, begin here; others never come so far. */
export const firstVirtual = 2 ** 52

/** There is no such name yet: the kernel is not to remember it. */
export class AbsentForNow extends FsError {
  constructor(message: string) {
    super('ENOENT', message)
  }
}

/** Whether a number stands for a virtual node or something open of one. */
export function isVirtual(number: NodeId): boolean {
  return number >= firstVirtual
}

/**
 * Something in the read-only tree under `.walrusfs` that is in no worktree. Whoever gives one gives the same object
 * for the same thing as long as it should be the same inode. Inode numbers are the giver's own (see
 * `virtualInode`), apart from those of the drive.
 */
export type VirtualNode = VirtualDirectory | VirtualFile | VirtualSymlink | VirtualSpecial

/** What all of them have. */
interface VirtualBase {
  readonly attributes: Attributes
  readonly xattrs?: ReadonlyMap<Name, Uint8Array> | undefined
  /** The kernel knows it from now on. */
  readonly retain?: () => void
  /** The kernel has forgotten it. */
  readonly release?: () => void
}

export interface VirtualDirectory extends VirtualBase {
  readonly kind: 'directory'
  /** Names come and go: the kernel is not to keep the list. */
  readonly changes?: true
  /** Of a directory that changes, throws AbsentForNow where there is none. */
  lookup(name: Name): Answer<VirtualNode | undefined>
  /** All names, in an order that does not change. */
  list(): Answer<Iterable<VirtualEntry>>
}

export interface VirtualEntry {
  readonly name: Name
  readonly node: VirtualNode
}

export interface VirtualFile extends VirtualBase {
  readonly kind: 'file'
  /** What this open file will read, whatever changes meanwhile. */
  open(): Answer<VirtualBytes>
  /** Where data, or a hole, begins; undefined: nowhere. @default all of it is data */
  readonly extents?: () => Answer<Pick<ExtentMap, 'nextData' | 'nextHole'>>
}

export interface VirtualSymlink extends VirtualBase {
  readonly kind: 'symlink'
  readonly target: Uint8Array
}

/** A device, pipe or socket: the kernel does all there is to do. */
export interface VirtualSpecial extends VirtualBase {
  readonly kind: 'special'
}

/** The bytes of an open virtual file. */
export interface VirtualBytes {
  /** The size in `attributes` is not that of the bytes: the kernel must not cut reads by it. */
  readonly directIo: boolean
  /** As read of the file system. */
  read(offset: number, into: Uint8Array): number | Promise<Uint8Array>
  /** It is closed. */
  close?(): void
}
