import type { BlobId } from '../../terms/blob-id.ts'
import type { NodeReader } from '../btree/node-reader.ts'
import type { NodeSink } from '../node-source.ts'
import { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { RootRecord } from '../root-record.ts'
import type { FrozenFile, FrozenTree, WrittenTree } from '../worktree-api.ts'
import type { StoredDirectory } from './directory-names.ts'
import { FrozenChanges } from './frozen-changes.ts'
import { FrozenWriter } from './frozen-writer.ts'
import { Touched } from './touched.ts'
import type { TreeInode } from './tree-inode.ts'
import type { Settled, TreeState } from './tree-state.ts'

/** The changes that a worktree has given out for one commit, and how it takes the outcome. */
export class Commit implements FrozenTree {
  readonly #state: TreeState
  readonly #reader: NodeReader
  readonly #frozen: FrozenChanges
  /** What is in no record of the manifest. */
  readonly #own: Touched
  #writer: FrozenWriter | undefined

  /** Takes everything out: what is changed, and what records in the manifest have changed. */
  constructor(state: TreeState, reader: NodeReader) {
    const { root, touched, appended, totals } = state
    this.#state = state
    this.#reader = reader
    this.#own = touched
    this.#frozen = new FrozenChanges(
      root,
      appended.isEmpty ? touched : appended.with(touched),
      totals,
    )
    state.frozen = this.#frozen
  }

  get files(): Iterable<FrozenFile> {
    return this.#frozen.files()
  }

  get sliceBytes(): number {
    return this.#frozen.totals.sliceBytes
  }

  get changeCount(): number {
    return this.#frozen.touched.count
  }

  pathsIn(blob: BlobId): Iterable<string> {
    return this.#frozen.pathsIn(blob)
  }

  async write(settled: Settled, sink: NodeSink): Promise<WrittenTree> {
    const writer = new FrozenWriter(this.#frozen, this.#reader, settled, sink)
    const written = await writer.write(this.#state.base?.links)
    this.#writer = writer
    return written
  }

  /** Makes `root` the base. Lets others go first now and then; they see either state of each inode, which are the same. */
  async finish(root: RootRecord, settled: Settled): Promise<void> {
    const writer = this.#writer
    if (!writer) throw new Error('the frozen tree was not written')
    const pace = new Pace()
    for (const file of this.#state.sliced) {
      this.#state.settle(file, settled)
      await pace.next()
    }
    for (const [file, stored] of writer.files) {
      this.#finishFile(file, stored && { ...stored, node: writer.sink.resolve(stored.node) })
      await pace.next()
    }
    // Files are finished: what they show now is what was written.
    for (const _ of writer.leaves.handOut(this.#frozen, writer.sink)) await pace.next()
    for (const [directory, stored] of writer.directories) {
      this.#finishDirectory(directory, stored && resolved(stored, writer))
      await pace.next()
    }
    for (const inode of this.#frozen.touched.links) this.#clean(inode)
    this.#rebaseTotals(root)
    this.#state.base = root
    this.#state.appended = new Touched()
    this.#state.inline = []
    this.#state.frozen = undefined
  }

  /** Puts the changes back, below those made since. */
  undo(): void {
    const { touched } = this.#state
    this.#state.touched = this.#own
    this.#state.touched.addAll(touched)
    this.#state.frozen = undefined
  }

  #finishFile(file: TreeInode, stored: TreeInode['extentTree']): void {
    file.extentTree = stored
    if (!this.#frozen.isSaved(file)) file.contentChanged = false
  }

  #finishDirectory(directory: TreeInode, stored: StoredDirectory | undefined): void {
    for (const name of this.#frozen.names(directory)) {
      const child = this.#frozen.child(directory, name)
      if (child) this.#clean(child)
    }
    directory.names!.stored = stored
    if (directory === this.#state.root) this.#clean(directory)
  }

  #clean(inode: TreeInode): void {
    const isTouched = this.#frozen.isSaved(inode) || this.#state.touched.names.has(inode)
    if (!isTouched) inode.dirty = false
  }

  /** What the tree was found to hold is what counts. */
  #rebaseTotals(root: RootRecord): void {
    const { totals } = this.#frozen
    this.#state.usedBytes += root.usedBytes - totals.usedBytes
    this.#state.usedInodes += root.usedInodes - totals.usedInodes
  }
}

function resolved(map: StoredDirectory, { sink }: FrozenWriter): StoredDirectory {
  const node: PieceRef = sink.resolve(map.node)
  return { node, count: map.count, inodes: map.inodes, bytes: map.bytes }
}
