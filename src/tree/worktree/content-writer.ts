import { scan } from '../btree/read-map.ts'
import type { ItemEdit } from '../btree/level-editor.ts'
import { MapWriter } from '../btree/write-map.ts'
import type { MapWriting } from '../btree/write-map.ts'
import type { Extent } from '../extent-map.ts'
import { ExtentList } from '../extents/extent-list.ts'
import { joinInline } from '../extents/inline-runs.ts'
import { extentsKind } from '../kinds/extents-kind.ts'
import { extentsWeight, maxExtentsWeight } from '../kinds/inode-weight.ts'
import { integerKey } from '../kinds/integer-key.ts'
import type { PieceRef } from '../piece-ref.ts'
import { run } from '../steps.ts'
import type { LiveBooks } from './live-books.ts'
import type { TreeInode } from './tree-inode.ts'
import type { Settled } from './tree-state.ts'

/** Gives records of files the form that is stored: no slices, and long lists of extents apart. */
export class ContentWriter {
  readonly #writing: MapWriting
  readonly #books: LiveBooks
  readonly #settled: Settled

  constructor(writing: MapWriting, books: LiveBooks, settled: Settled) {
    this.#writing = writing
    this.#books = books
    this.#settled = settled
  }

  /** Changes a copy of a file's inode whose bytes changed. */
  async finish(file: TreeInode): Promise<void> {
    const list = file.ownExtents
    list.settle(this.#settled)
    if (list.sliceBytes > 0) throw new Error(`bytes of inode ${file.ino} are not stored`)
    const extents = joinInline(list.all())
    file.contentChanged = false
    file.extentList = undefined
    if (extentsWeight(extents) > maxExtentsWeight) {
      await this.#writeApart(file, extents)
    } else {
      file.extentTree = undefined
      if (extents.length > 0) file.extentList = listOf(extents)
    }
  }

  async #writeApart(file: TreeInode, extents: readonly Extent[]): Promise<void> {
    const before = file.extentTree?.node
    const edits = before ? await this.#editsOf(before, extents) : extents.map(putOf)
    const written = await new MapWriter(this.#writing, extentsKind).write(before, edits)
    this.#books.edited('extents', before, written?.node)
    file.extentTree = written && { node: written.node, count: written.count }
  }

  async #editsOf(root: PieceRef, extents: readonly Extent[]): Promise<ItemEdit<Extent>[]> {
    const { reader, pace } = this.#writing
    const before = new Map<number, Extent>()
    const each = (_key: string, extent: Extent) => before.set(extent.start, extent)
    await run(scan(reader, extentsKind, root, pace, each))
    const edits: ItemEdit<Extent>[] = []
    for (const extent of extents) {
      const known = before.get(extent.start)
      before.delete(extent.start)
      if (!known || !isSame(known, extent)) edits.push(putOf(extent))
    }
    for (const start of before.keys()) edits.push([integerKey(start), undefined])
    return edits.sort(([a], [b]) => (a < b ? -1 : 1))
  }
}

function putOf(extent: Extent): ItemEdit<Extent> {
  return [integerKey(extent.start), extent]
}

/** Surely the same; where it says no, the difference is looked for when the leaf is written. */
function isSame(a: Extent, b: Extent): boolean {
  if (a.end !== b.end || a.source.kind !== 'piece' || b.source.kind !== 'piece') return false
  const [left, right] = [a.source, b.source]
  return (
    left.at === right.at &&
    left.piece.blob === right.piece.blob &&
    left.piece.offset === right.piece.offset
  )
}

function listOf(extents: readonly Extent[]): ExtentList {
  const list = new ExtentList()
  for (const { start, end, source } of extents) list.put(start, end, source)
  return list
}
