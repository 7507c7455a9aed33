import type { Name } from '../terms/name.ts'
import type { Attributes } from '../tree/attributes.ts'
import type { Answer, NodeId } from './file-system.ts'

/** Numbers of virtual nodes, and of what is open of them, begin here; others never come so far. */
export const firstVirtual = 2 ** 52

/** Whether a number stands for a virtual node or something open of one. */
export function isVirtual(number: NodeId): boolean {
  return number >= firstVirtual
}

/**
 * Something in the read-only tree under `.walrusfs` that is in no worktree. Whoever gives one gives the same object
 * for the same thing as long as it should be the same inode. Inode numbers are the giver's own (see
 * `virtualInode`), apart from those of the drive.
 */
export type VirtualNode = VirtualDirectory | VirtualFile | VirtualSymlink

export interface VirtualDirectory {
  readonly kind: 'directory'
  readonly attributes: Attributes
  lookup(name: Name): Answer<VirtualNode | undefined>
  /** All names, in an order that does not change. */
  list(): Answer<Iterable<VirtualEntry>>
}

export interface VirtualEntry {
  readonly name: Name
  readonly node: VirtualNode
}

export interface VirtualFile {
  readonly kind: 'file'
  readonly attributes: Attributes
  /** What this open file will read, whatever changes meanwhile. */
  open(): Answer<VirtualBytes>
}

export interface VirtualSymlink {
  readonly kind: 'symlink'
  readonly attributes: Attributes
  readonly target: Uint8Array
}

/** The bytes of an open virtual file. */
export interface VirtualBytes {
  /** The size in `attributes` is not that of the bytes: the kernel must not cut reads by it. */
  readonly directIo: boolean
  /** As read of the file system. */
  read(offset: number, into: Uint8Array): number | Promise<Uint8Array>
}
