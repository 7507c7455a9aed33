import type { Name } from '../../terms/name.ts'
import type { ItemEdit } from '../btree/level-editor.ts'
import type { NodeReader } from '../btree/node-reader.ts'
import { MapWriter } from '../btree/write-map.ts'
import type { MapWriting, WrittenMap } from '../btree/write-map.ts'
import { rootDirectoryOf } from '../format/root-format.ts'
import { FileType } from '../inode.ts'
import { directoryKind, LinkedName } from '../kinds/directory-kind.ts'
import type { DirectoryValue } from '../kinds/directory-kind.ts'
import { integerKey } from '../kinds/integer-key.ts'
import { linksKind } from '../kinds/links-kind.ts'
import type { NodeSink } from '../node-source.ts'
import { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { WrittenTree } from '../worktree-api.ts'
import { ContentWriter } from './content-writer.ts'
import { DirectoryNames } from './directory-names.ts'
import type { FrozenChanges } from './frozen-changes.ts'
import { LiveBooks } from './live-books.ts'
import type { StoredExtents, TreeInode } from './tree-inode.ts'
import type { Settled } from './tree-state.ts'
import { WrittenLeaves } from './written-leaves.ts'

/** Writes what a freeze took out, and keeps where it lies. References are as the sink gave them. */
export class FrozenWriter {
  /** Directories whose names were written, those below before those above. */
  readonly directories = new Map<TreeInode, WrittenMap | undefined>()
  /** Files whose bytes had changed: their extents where those are stored apart. */
  readonly files = new Map<TreeInode, StoredExtents | undefined>()
  readonly leaves = new WrittenLeaves()
  readonly sink: NodeSink
  readonly #frozen: FrozenChanges
  readonly #books = new LiveBooks()
  readonly #writing: MapWriting
  readonly #content: ContentWriter

  constructor(frozen: FrozenChanges, reader: NodeReader, settled: Settled, sink: NodeSink) {
    const { onPiece, onSubtree } = this.#books
    this.sink = sink
    this.#frozen = frozen
    this.#writing = { reader, sink, pace: new Pace(), onPiece, onSubtree }
    this.#content = new ContentWriter(this.#writing, this.#books, settled)
  }

  async write(baseLinks: PieceRef | undefined): Promise<WrittenTree> {
    const { root } = this.#frozen
    for (const directory of this.#frozen.directories().reverse()) await this.#writeNames(directory)
    this.#countRoot(root.names!.stored, -1)
    const links = await this.#writeLinks(baseLinks)
    const directory = rootDirectoryOf(await this.#stored(root))
    this.#countRoot(directory, 1)
    await this.#books.settle(this.#writing.reader, this.#writing.pace)
    return {
      directory,
      links: links?.node,
      usedBytes: directory.bytes + (links?.bytes ?? 0),
      usedInodes: 1 + directory.inodes + (links?.inodes ?? 0),
      nextIno: this.#frozen.totals.nextIno,
      liveDelta: this.#books.delta,
    }
  }

  #countRoot(root: { readonly node: PieceRef | undefined } | undefined, sign: 1 | -1): void {
    if (root?.node) this.#books.onSubtree({ of: 'directory', node: root.node }, sign)
  }

  async #writeNames(directory: TreeInode): Promise<void> {
    const edits: ItemEdit<DirectoryValue>[] = []
    for (const name of this.#frozen.names(directory)) {
      edits.push([name, await this.#valueOf(directory, name)])
    }
    const before = directory.names!.stored?.node
    const writing = { ...this.#writing, sink: this.leaves.keeping(directory, this.sink) }
    const written = await new MapWriter(writing, directoryKind).write(before, edits)
    this.#books.edited('directory', before, written?.node)
    this.directories.set(directory, written)
  }

  async #valueOf(directory: TreeInode, name: Name): Promise<DirectoryValue | undefined> {
    const child = this.#frozen.child(directory, name)
    if (!child) return undefined
    const { linked, ino, mode } = this.#frozen.stateOf(child)
    return linked ? new LinkedName(ino, mode & FileType.mask) : this.#stored(child)
  }

  async #writeLinks(before: PieceRef | undefined): Promise<WrittenMap | undefined> {
    const edits: ItemEdit<TreeInode>[] = []
    for (const inode of this.#frozen.links()) {
      const { ino, nlink } = this.#frozen.stateOf(inode)
      edits.push([integerKey(ino), nlink > 0 ? await this.#stored(inode) : undefined])
    }
    return new MapWriter(this.#writing, linksKind).write(before, edits)
  }

  /** An inode's record as it was at the freeze, with everything below it stored. */
  async #stored(inode: TreeInode): Promise<TreeInode> {
    const turn = this.#writing.pace.next()
    if (turn) await turn
    const record = this.#frozen.stateOf(inode).copy()
    if (record.isDirectory) {
      const isWritten = this.directories.has(inode)
      const stored = isWritten ? this.directories.get(inode) : inode.names!.stored
      record.names = new DirectoryNames(stored)
    } else if (record.contentChanged) {
      await this.#content.finish(record)
      this.files.set(inode, record.extentTree)
    }
    return record
  }
}
