import { FsError } from '../terms/errno.ts'
import type { Inode } from '../tree/inode.ts'
import type { Node, NodeId } from './file-system.ts'
import type { LiveTree } from './vfs-options.ts'
import { isVirtual } from './virtual-node.ts'

/** The kernel's number of the root. */
export const rootNode: NodeId = 1

/** An inode that the kernel knows, handed out as the {@link Node} that it gets. */
export class KnownInode implements Node {
  readonly id: NodeId
  readonly attributes: Inode
  lookups = 0

  constructor(id: NodeId, inode: Inode) {
    this.id = id
    this.attributes = inode
  }
}

/**
 * Which inodes the kernel knows, and by which numbers. A number is never given twice, so that a late request for a
 * forgotten inode cannot reach another one. What is known is retained in the worktree.
 */
export class InodeTable {
  readonly #worktree: LiveTree
  readonly #byId = new Map<NodeId, KnownInode>()
  readonly #byInode = new Map<Inode, KnownInode>()
  #nextId = rootNode

  constructor(worktree: LiveTree) {
    this.#worktree = worktree
    this.meet(worktree.root)
  }

  /** How many inodes the kernel knows, the root included. */
  get size(): number {
    return this.#byId.size
  }

  /**
   * The inode behind a number. Throws FsError ESTALE when the kernel should not know it any more, and EROFS for a
   * virtual node: whoever asks for an inode wants more of it than it can give.
   */
  inode(id: NodeId): Inode {
    const known = this.#byId.get(id)
    if (known !== undefined) return known.attributes
    if (isVirtual(id)) throw new FsError('EROFS', 'the virtual directory is read-only')
    throw new FsError('ESTALE', `no inode is known as node ${id}`)
  }

  /** The number of an inode, or undefined when the kernel does not know it. */
  idOf(inode: Inode): NodeId | undefined {
    return this.#byInode.get(inode)?.id
  }

  /** Hands an inode to the kernel: counts one lookup. */
  meet(inode: Inode): KnownInode {
    const known = this.#byInode.get(inode) ?? this.#introduce(inode)
    known.lookups++
    return known
  }

  /** Counts lookups down; at none the inode is unknown again. The root stays. */
  forget(id: NodeId, count: number): void {
    const known = this.#byId.get(id)
    if (known === undefined || id === rootNode) return
    known.lookups -= count
    if (known.lookups <= 0) this.#drop(known)
  }

  /** The mount is gone: the kernel knows the root only. */
  forgetAll(): void {
    for (const known of this.#byId.values()) {
      if (known.id !== rootNode) this.#drop(known)
    }
  }

  #introduce(inode: Inode): KnownInode {
    const known = new KnownInode(this.#nextId++, inode)
    this.#byId.set(known.id, known)
    this.#byInode.set(inode, known)
    this.#worktree.retain(inode)
    return known
  }

  #drop(known: KnownInode): void {
    this.#byId.delete(known.id)
    this.#byInode.delete(known.attributes)
    this.#worktree.release(known.attributes)
  }
}
