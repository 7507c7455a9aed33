import type { Name } from '../../terms/name.ts'
import { NodeReader } from '../btree/node-reader.ts'
import type { Change } from '../change.ts'
import type { ExtentMap } from '../extent-map.ts'
import { inodeOfRoot } from '../format/root-format.ts'
import { FileType } from '../inode.ts'
import type { DirectoryEntries, Inode } from '../inode.ts'
import type { NodeSource } from '../node-source.ts'
import type { InlineRecord } from '../format/record-format.ts'
import { InlineNodes } from '../inline/inline-nodes.ts'
import { standingTree } from '../inline/standing-tree.ts'
import { standOnRecords } from '../inline/stand-on-records.ts'
import type { ReadSlice } from '../inline/told-changes.ts'
import { rebase } from '../rebase/rebase.ts'
import type { RootRecord } from '../root-record.ts'
import type { Slice } from '../slice.ts'
import type { Timestamp } from '../time.ts'
import type {
  ConflictNaming,
  FrozenRecord,
  FrozenTree,
  RebaseResult,
  WorktreeApi,
} from '../worktree-api.ts'
import { Append } from './append.ts'
import { Binder } from './binder.ts'
import { carryOut, requireLoaded } from './carry-out.ts'
import { Commit } from './commit.ts'
import { emptyRoot, type EmptyRoot } from './empty-root.ts'
import { Evictor } from './evictor.ts'
import { FrozenChanges } from './frozen-changes.ts'
import { Loader } from './loader.ts'
import { Replayer } from './replayer.ts'
import { restate } from './restate.ts'
import { Touched } from './touched.ts'
import { TreeInode } from './tree-inode.ts'
import { TreeState } from './tree-state.ts'
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
  readonly root?: EmptyRoot
}

/** No change in a record takes fewer bytes. */
const leastChange = 8

const noSource: NodeSource = {
  piece: () => {
    throw new Error('the worktree was opened without a source of nodes')
  },
}

/** The one owner of names and attributes: the committed tree, as far as it was asked for, and the changes since. */
export class Worktree implements WorktreeApi {
  onChange: (change: Change) => void = () => {}
  readonly #state: TreeState
  readonly #source: NodeSource
  readonly #reader: NodeReader
  readonly #loader: Loader
  readonly #binder: Binder
  #commit: Commit | undefined
  #append: Append | undefined
  #isRebasing = false
  /** At least the state's; numbers given out and not used yet are not given again. */
  #nextIno: number

  constructor(options: WorktreeOptions = {}) {
    const { source = noSource, keptInodes = 300_000, base, root } = options
    this.#state = new TreeState(base ? inodeOfRoot(base.directory) : emptyRoot(root), base)
    this.#source = source
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

  get inline(): readonly Uint8Array[] {
    return this.#state.inline
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

  makeCopy(of: Inode): TreeInode {
    const inode = own(of).namelessCopy(this.allocate())
    this.#state.add(inode)
    return inode
  }

  apply(change: Change): TreeInode {
    requireLoaded(this.#state, change)
    this.#binder.keep(change, this.onChange)
    return carryOut(this.#state, change)
  }

  standOn(records: readonly Uint8Array[]): void {
    if (this.dirty || this.inline.length > 0) throw new Error('the worktree is not a new one')
    if (records.length > 0) standOnRecords(this.#state, records)
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
    this.#checkIdle()
    this.#commit = new Commit(this.#state, this.#reader)
    this.#begin()
    return this.#commit
  }

  freezeRecord(
    head: Pick<InlineRecord, 'timeMs' | 'writer'>,
    limit: number,
    read: ReadSlice,
  ): FrozenRecord | undefined {
    this.#checkIdle()
    const state = this.#state
    const { touched } = state
    if (state.sliceBytes > limit || touched.count > limit / leastChange) return undefined
    const frozen = new FrozenChanges(state.root, touched, state.totals)
    this.#append = Append.of(state, frozen, head, limit, read)
    if (!this.#append) return undefined
    state.frozen = frozen
    this.#begin()
    return this.#append
  }

  appended(frozen: FrozenRecord): void {
    this.#appendOf(frozen).finish()
    this.#append = undefined
  }

  #checkIdle(): void {
    if (this.#state.frozen || this.#isRebasing) throw new Error('a commit or rebase is under way')
  }

  #begin(): void {
    this.#state.touched = new Touched()
    this.#state.generation++
  }

  async committed(frozen: FrozenTree, root: RootRecord, settled: Settled): Promise<void> {
    await this.#commitOf(frozen).finish(root, settled)
    this.#commit = undefined
  }

  thaw(frozen: FrozenTree | FrozenRecord): void {
    if (frozen === this.#append) this.#append.undo()
    else this.#commitOf(frozen as FrozenTree).undo()
    this.#append = this.#commit = undefined
  }

  async rebase(
    theirs: RootRecord | undefined,
    conflict: ConflictNaming,
    onRebased: () => void,
    records: readonly Uint8Array[] = [],
  ): Promise<RebaseResult> {
    this.#checkIdle()
    this.#isRebasing = true
    try {
      const state = this.#state
      const nodes = new InlineNodes(this.#source)
      const sides = {
        before: await standingTree(state.base, state.inline, nodes),
        after: await standingTree(theirs, records, nodes),
      }
      const isInline = state.inline.length > 0 || records.length > 0
      const reader = isInline ? new NodeReader(nodes) : this.#reader
      return await rebase(state, reader, sides, conflict, onRebased)
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

  #appendOf(frozen: FrozenRecord): Append {
    if (frozen === this.#append) return this.#append
    throw new Error('this record is not under way')
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
