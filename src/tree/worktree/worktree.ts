import type { Name } from '../../terms/name.ts'
import { NodeReader } from '../btree/node-reader.ts'
import type { Change } from '../change.ts'
import type { ExtentMap } from '../extent-map.ts'
import { inodeOfRoot } from '../format/root-format.ts'
import { FileType } from '../inode.ts'
import type { DirectoryEntries, Inode } from '../inode.ts'
import type { NodeSource } from '../node-source.ts'
import { rebase } from '../rebase/rebase.ts'
import type { RootRecord } from '../root-record.ts'
import type { Slice } from '../slice.ts'
import type { Timestamp } from '../time.ts'
import type { ConflictNaming, FrozenTree, RebaseResult, WorktreeApi } from '../worktree-api.ts'
import { Binder } from './binder.ts'
import { carryOut, requireLoaded } from './carry-out.ts'
import { Commit } from './commit.ts'
import { Evictor } from './evictor.ts'
import { FrozenChanges } from './frozen-changes.ts'
import { Loader } from './loader.ts'
import { Replayer } from './replayer.ts'
import { restate } from './restate.ts'
import { Touched } from './touched.ts'
import { TreeInode } from './tree-inode.ts'
import { rootIno, TreeState } from './tree-state.ts'
import type { Settled } from './tree-state.ts'

export interface WorktreeOptions {
  /** Where stored nodes are read from. @default a source that has none */
  readonly source?: NodeSource
  /** The committed tree. @default none: an empty drive */
  readonly base?: RootRecord
  /**
   * So many inodes may stay in memory before clean directories that nobody holds are dropped. An inode takes about half a
   * KiB.
   * @default 300,000
   */
  readonly keptInodes?: number
  /** What the root directory of a drive without any commit is like. */
  readonly root?: {
    /** Permission bits. @default 0o755 */
    readonly mode?: number
    /** @default 0 */
    readonly uid?: number
    /** @default 0 */
    readonly gid?: number
    /** @default 1970 */
    readonly time?: Timestamp
  }
}

const noSource: NodeSource = {
  piece: () => {
    throw new Error('the worktree was opened without a source of nodes')
  },
}

/** The one owner of names and attributes: the committed tree, as far as it was asked for, and the changes since. */
export class Worktree implements WorktreeApi {
  onChange: (change: Change) => void = () => {}
  readonly #state: TreeState
  readonly #reader: NodeReader
  readonly #loader: Loader
  readonly #binder: Binder
  #commit: Commit | undefined
  #isRebasing = false
  /** At least the state's; numbers given out and not used yet are not given again. */
  #nextIno: number

  constructor(options: WorktreeOptions = {}) {
    const { source = noSource, keptInodes = 300_000, base, root } = options
    this.#state = new TreeState(base ? inodeOfRoot(base.directory) : emptyRoot(root), base)
    this.#reader = new NodeReader(source)
    const evictor = new Evictor(this.#state, keptInodes)
    this.#loader = new Loader(this.#state, this.#reader, evictor)
    this.#binder = new Binder(this.#state)
    this.#nextIno = this.#state.nextIno
  }

  get root(): TreeInode {
    return this.#state.root
  }

  get base(): RootRecord | undefined {
    return this.#state.base
  }

  get usedBytes(): number {
    return this.#state.usedBytes
  }

  get usedInodes(): number {
    return this.#state.usedInodes
  }

  get sliceBytes(): number {
    return this.#state.sliceBytes
  }

  get dirty(): boolean {
    return this.#state.frozen !== undefined || !this.#state.touched.isEmpty
  }

  lookup(directory: Inode, name: Name): TreeInode | undefined | Promise<TreeInode | undefined> {
    return this.#loader.lookup(own(directory), name)
  }

  entries(directory: Inode): DirectoryEntries | Promise<DirectoryEntries> {
    return this.#loader.entries(own(directory))
  }

  extents(file: Inode): ExtentMap | Promise<ExtentMap> {
    return this.#loader.extents(own(file))
  }

  allocate(): number {
    this.#nextIno = Math.max(this.#nextIno, this.#state.nextIno)
    return this.#nextIno++
  }

  makeUnnamed(mode: number, uid: number, gid: number, time: Timestamp): TreeInode {
    const inode = new TreeInode(this.allocate(), FileType.regular | (mode & ~FileType.mask))
    inode.uid = uid
    inode.gid = gid
    inode.atime = inode.mtime = inode.ctime = time
    this.#state.add(inode)
    return inode
  }

  apply(change: Change): TreeInode {
    requireLoaded(this.#state, change)
    this.#binder.keep(change, this.onChange)
    return carryOut(this.#state, change)
  }

  replay(changes: Iterable<Change>): Promise<void> {
    return new Replayer(this.#state, this.#loader).replay(changes)
  }

  retain(inode: Inode): void {
    own(inode).retained++
  }

  release(inode: Inode): void {
    const known = own(inode)
    if (--known.retained > 0) return
    if (known.nlink === 0) this.#state.forget(known)
    else known.forgetExtents()
  }

  freeze(): FrozenTree {
    const state = this.#state
    if (state.frozen || this.#isRebasing) throw new Error('a commit or rebase is under way')
    state.frozen = new FrozenChanges(state.root, state.touched, state.totals)
    state.touched = new Touched()
    state.generation++
    this.#commit = new Commit(state, this.#reader, state.frozen)
    return this.#commit
  }

  async committed(frozen: FrozenTree, root: RootRecord, settled: Settled): Promise<void> {
    await this.#commitOf(frozen).finish(root, settled)
    this.#commit = undefined
  }

  thaw(frozen: FrozenTree): void {
    this.#commitOf(frozen).undo()
    this.#commit = undefined
  }

  async rebase(
    theirs: RootRecord,
    conflict: ConflictNaming,
    onRebased: () => void,
  ): Promise<RebaseResult> {
    if (this.#state.frozen || this.#isRebasing) throw new Error('a commit or rebase is under way')
    this.#isRebasing = true
    try {
      return await rebase(this.#state, this.#reader, theirs, conflict, onRebased)
    } finally {
      this.#isRebasing = false
    }
  }

  restate(): Iterable<Change> {
    return restate(this.#state)
  }

  *slices(): Generator<Slice> {
    for (const inode of this.#state.sliced) {
      for (const { source } of inode.extents!.all()) {
        if (source.kind === 'slice') yield source.slice
      }
    }
  }

  #commitOf(frozen: FrozenTree): Commit {
    if (frozen === this.#commit) return this.#commit
    throw new Error('this commit is not under way')
  }
}

function own(inode: Inode): TreeInode {
  if (inode instanceof TreeInode) return inode
  throw new TypeError('an inode of another worktree')
}

function emptyRoot(options: WorktreeOptions['root'] = {}): TreeInode {
  const root = new TreeInode(
    rootIno,
    FileType.directory | ((options.mode ?? 0o755) & ~FileType.mask),
  )
  root.nlink = 2
  root.uid = options.uid ?? 0
  root.gid = options.gid ?? 0
  root.atime = root.mtime = root.ctime = options.time ?? { sec: 0, nsec: 0 }
  return root
}
