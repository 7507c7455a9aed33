import { FsError } from '../terms/errno.ts'
import { maxNameBytes } from '../terms/name.ts'
import type { Name } from '../terms/name.ts'
import type { Content } from '../content/content-api.ts'
import type { Change } from '../tree/change.ts'
import { FileType } from '../tree/inode.ts'
import type { Inode } from '../tree/inode.ts'
import type { Timestamp } from '../tree/time.ts'
import type { Answer, NodeId } from './file-system.ts'
import { attempt, TreeView } from './attempt.ts'
import type { View } from './attempt.ts'
import { HandleTable } from './handle-table.ts'
import type { OpenDirectory, OpenFile } from './handle-table.ts'
import { shownBytes } from './limits.ts'
import { LateTimes } from './late-times.ts'
import { InodeTable } from './inode-table.ts'
import { invalidationsOfDivided } from './invalidations.ts'
import { Stamps } from './stamps.ts'
import { VirtualCalls } from './virtual-calls.ts'
import type { LiveTree, VfsOptions, VfsParts } from './vfs-options.ts'

/** What all families of calls share: the parts below, what is known and open, and the checks that most calls begin with. */
export class Volume {
  readonly worktree: LiveTree
  readonly content: Content
  readonly options: VfsOptions
  readonly nodes: InodeTable
  readonly files = new HandleTable<OpenFile>()
  readonly lateTimes = new LateTimes()
  readonly virtual: VirtualCalls
  readonly directories = new HandleTable<OpenDirectory>()
  /** Files made by O_TMPFILE that linkat may still name. */
  readonly linkable = new WeakSet<Inode>()
  readonly #now: View
  readonly #stamps: Stamps

  constructor(parts: VfsParts, options: VfsOptions) {
    this.worktree = parts.worktree
    this.content = parts.content
    this.options = options
    this.nodes = new InodeTable(parts.worktree)
    this.virtual = new VirtualCalls(options.virtual, parts.worktree.root)
    this.#now = new TreeView(parts.worktree)
    this.#stamps = new Stamps(parts.clock)
  }

  /** The time of a change made now. */
  now(): Timestamp {
    return this.#stamps.next()
  }

  /** What df shows as free. */
  get freeBytes(): number {
    return Math.max(0, (this.options.capacityBytes ?? shownBytes) - this.worktree.usedBytes)
  }

  /** Throws FsError EROFS when nothing may be changed. */
  checkWritable(): void {
    if (this.options.readOnly?.() === true) throw new FsError('EROFS', 'the mount is read-only')
  }

  /** The directory behind a number. Throws FsError ESTALE or ENOTDIR. */
  directory(id: NodeId): Inode {
    const inode = this.nodes.inode(id)
    if (!isDirectory(inode)) throw new FsError('ENOTDIR', 'not a directory')
    return inode
  }

  /** A directory in which something is about to be made. Throws FsError EROFS and, for a removed one, ENOENT, too. */
  directoryToFill(id: NodeId, name: Name): Inode {
    const directory = this.directory(id)
    checkName(name)
    this.checkWritable()
    if (directory.nlink === 0) throw new FsError('ENOENT', 'the directory was removed')
    return directory
  }

  /** Whether a name that no inode has stands for the virtual directory. */
  isVirtual(directory: Inode, name: Name): boolean {
    return directory === this.worktree.root && this.virtual.takes(name)
  }

  /** Throws FsError for a name that no inode has, when the virtual directory has it. */
  checkFree(directory: Inode, name: Name, code: 'EEXIST' | 'EBUSY'): void {
    if (this.isVirtual(directory, name))
      throw new FsError(code, 'the name of the virtual directory')
  }

  /**
   * Checks and carries out a call in one turn, at once or when what it needs is loaded. The work must look at everything
   * before it changes anything.
   */
  attempt<T>(work: (view: View) => T): Answer<T> {
    return attempt(this.worktree, this.#now, work)
  }

  /** The bytes or the size of a file were changed through one of the numbers that the kernel has for it. */
  changedThrough(inode: Inode, node: NodeId): void {
    if (!this.nodes.isDivided(inode)) return
    this.options.onStale?.(invalidationsOfDivided(this.nodes, inode, node))
  }

  /** Records a change and carries it out. */
  apply(change: Change): Inode {
    return this.worktree.apply(change)
  }
}

export function isDirectory(inode: Inode): boolean {
  return (inode.mode & FileType.mask) === FileType.directory
}

export function isRegular(inode: Inode): boolean {
  return (inode.mode & FileType.mask) === FileType.regular
}

/** Throws for what cannot be the name of an entry: ENAMETOOLONG, ENOENT (empty), EINVAL (`/` or NUL), EEXIST (`.`, `..`). */
export function checkName(name: Name): void {
  if (name.length > maxNameBytes) throw new FsError('ENAMETOOLONG', 'longer than 255 bytes')
  if (name.length === 0) throw new FsError('ENOENT', 'an empty name')
  if (name === '.' || name === '..') throw new FsError('EEXIST', 'a name of the directory itself')
  if (name.includes('/') || name.includes('\0')) throw new FsError('EINVAL', 'a name with / or NUL')
}
