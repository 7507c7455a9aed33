import { FsError } from '../terms/errno.ts'
import type { Inode } from '../tree/inode.ts'
import { PagedMap } from '../tree/paged-map.ts'
import type { NamePlace } from '../tree/worktree-api.ts'
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

/** What the next lookup of an inode gives, where the kernel knows it. */
function currentOf({ holder }: Inode): KnownInode | undefined {
  return holder instanceof KnownInode ? holder : undefined
}

/** Numbers that an inode had before it was renewed and that the kernel still holds, and the inode's names at that time. */
interface Former {
  readonly known: Set<KnownInode>
  names: readonly NamePlace[]
  /** Processes that wanted to open it by one of them. */
  readonly opening: Set<number>
}

/**
 * Which inodes the kernel knows, and by which numbers. A number is never given twice, so that a late request for a
 * forgotten inode cannot reach another one. What is known is retained in the worktree.
 *
 * A kernel that writes its pages back late believes its own size and times of a file. One that changed behind its back is
 * renewed: it is met under a new number from then on, and the former ones go on leading to it for those who have it open.
 */
export class InodeTable {
  readonly #worktree: LiveTree
  readonly #byId = new PagedMap<KnownInode>()
  readonly #former = new Map<Inode, Former>()
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

  /** The number that the next lookup of an inode gives, or undefined when the kernel does not know it by that yet. */
  idOf(inode: Inode): NodeId | undefined {
    return currentOf(inode)?.id
  }

  /** All numbers by which the kernel knows an inode. */
  idsOf(inode: Inode): NodeId[] {
    const former = [...(this.#former.get(inode)?.known ?? [])].map(({ id }) => id)
    const current = this.idOf(inode)
    return current === undefined ? former : [...former, current]
  }

  /** The next lookup of the file gives a new number. `names`: where the kernel may have met it. */
  renew(inode: Inode, names: readonly NamePlace[]): void {
    const known = currentOf(inode)
    const former = this.#former.get(inode)
    if (former !== undefined) former.names = names
    if (known === undefined) return
    inode.holder = undefined
    if (former !== undefined) former.known.add(known)
    else this.#former.set(inode, { known: new Set([known]), names, opening: new Set() })
  }

  /** Whether the kernel has an inode under several numbers, and so several sizes and pages. */
  isDivided(inode: Inode): boolean {
    return this.#former.size > 0 && this.#former.has(inode)
  }

  /** The names of an inode when it was last renewed. */
  namesOf(inode: Inode): readonly NamePlace[] {
    return this.#former.get(inode)?.names ?? []
  }

  /** Whether a process wants to open a file by a former number, for the first time. */
  opensFormer(inode: Inode, id: NodeId, pid: number): boolean {
    const former = this.#former.size > 0 ? this.#former.get(inode) : undefined
    if (former === undefined || this.idOf(inode) === id || former.opening.has(pid)) return false
    former.opening.add(pid)
    return true
  }

  /** Hands an inode to the kernel: counts one lookup. */
  meet(inode: Inode): KnownInode {
    const known = currentOf(inode) ?? this.#introduce(inode)
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
    inode.holder = known
    this.#worktree.retain(inode)
    return known
  }

  #drop(known: KnownInode): void {
    const { id, attributes } = known
    this.#byId.delete(id)
    if (attributes.holder === known) attributes.holder = undefined
    else this.#dropFormer(known)
    this.#worktree.release(attributes)
  }

  #dropFormer(known: KnownInode): void {
    const former = this.#former.get(known.attributes)
    former?.known.delete(known)
    if (former?.known.size === 0) this.#former.delete(known.attributes)
  }
}
