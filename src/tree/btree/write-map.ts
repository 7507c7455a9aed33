import type { NodeSink } from '../node-source.ts'
import type { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import { run } from '../steps.ts'
import { LevelCursor } from './level-cursor.ts'
import { LevelEditor } from './level-editor.ts'
import type { ItemEdit, LevelOutput, LevelResult } from './level-editor.ts'
import { innerItems, leafItems } from './level-items.ts'
import type { LevelItems } from './level-items.ts'
import type { Child, Entry, MapKind, Subtree, Totals } from './map-kind.ts'
import { isLeaf } from './node-format.ts'
import type { StoredNode } from './node-format.ts'
import type { NodeReader } from './node-reader.ts'

/** A map that was written: its root and its sums. */
export interface WrittenMap extends Totals {
  readonly node: PieceRef
}

/** What writing maps needs, and whom it tells of what it does. */
export interface MapWriting {
  readonly reader: NodeReader
  readonly sink: NodeSink
  readonly pace: Pace
  /** A node, or a piece that a value shows, came into the map (1) or is in it no more (−1). */
  readonly onPiece: (ref: PieceRef, sign: 1 | -1) => void
  /** The same for a map that hangs on a value. */
  readonly onSubtree: (subtree: Subtree, sign: 1 | -1) => void
}

/** Writes one map: the stored one with sorted edits carried out. */
export class MapWriter<V> {
  readonly #writing: MapWriting
  readonly #kind: MapKind<V>
  /** Inner nodes that were written, and their child where they have only one. */
  readonly #inner = new Map<PieceRef, Child | undefined>()

  constructor(writing: MapWriting, kind: MapKind<V>) {
    this.#writing = writing
    this.#kind = kind
  }

  /**
   * `edits` are sorted by key, each key once. Undefined for a map without entries. The result depends on the entries
   * alone, not on the tree or the edits that they came from.
   */
  async write(
    root: PieceRef | undefined,
    edits: readonly ItemEdit<V>[],
  ): Promise<WrittenMap | undefined> {
    const old = root && { root, level: (await this.#read(root)).level }
    const entries = edits.map(entryEdit)
    let result = await this.#edit(leafItems(this.#kind), old, entries)
    if (old && result.length === 0) return this.#unchanged(old.root)
    let level = 1
    for (; old && level <= old.level; level++) {
      const few = level === old.level ? await this.#fewChildren(old.root, result) : undefined
      if (few) return this.#shrunk(old, few)
      result = await this.#edit(innerItems(this.#kind, level), old, result)
    }
    for (result = living(result); result.length > 1; level++) {
      result = living(await this.#edit(innerItems(this.#kind, level), undefined, result))
    }
    return writtenMap(result[0]?.[1])
  }

  async #edit<I>(
    items: LevelItems<V, I>,
    old: OldMap | undefined,
    edits: readonly ItemEdit<I>[],
  ): Promise<LevelResult> {
    const { reader, onPiece, onSubtree } = this.#writing
    const { level } = items
    const cursor =
      old && level <= old.level ? new LevelCursor(reader, this.#kind, old.root, level) : undefined
    const output: LevelOutput<I> = {
      write: (open) => this.#put(items, open),
      gone: () => cursor && onPiece(cursor.ref, -1),
      changed: (before, after) => {
        for (const ref of items.pieces(before)) onPiece(ref, -1)
        for (const ref of items.pieces(after)) onPiece(ref, 1)
        for (const subtree of items.subtrees(before)) onSubtree(subtree, -1)
        for (const subtree of items.subtrees(after)) onSubtree(subtree, 1)
      },
    }
    return new LevelEditor(items, output, edits).run(cursor)
  }

  async #put<I>(items: LevelItems<V, I>, open: readonly I[]): Promise<Child> {
    const { sink, pace, onPiece } = this.#writing
    const ref = await sink.put((naming) => items.encode(open, naming))
    await pace.next()
    onPiece(ref, 1)
    const child = { key: items.keyOf(open.at(-1)!), ref, ...items.totals(open) }
    if (items.level > 0) this.#inner.set(ref, open.length === 1 ? (open[0] as Child) : undefined)
    return child
  }

  /** The children that the old root would have now, where they are too few for an inner node to be the root. */
  async #fewChildren(root: PieceRef, result: LevelResult): Promise<Child[] | undefined> {
    const node = await this.#read(root)
    const children = new Map(isLeaf(node) ? [] : node.children.map((child) => [child.key, child]))
    for (const [key, child] of result) {
      if (child) children.set(key, child)
      else children.delete(key)
    }
    return children.size < 2 ? [...children.values()] : undefined
  }

  /** The map has fewer levels than before: its root is the topmost node that has more than one child. */
  async #shrunk(old: OldMap, few: readonly Child[]): Promise<WrittenMap | undefined> {
    this.#writing.onPiece(old.root, -1)
    let child = few[0]
    for (let level = old.level - 1; child && level > 0; level--) {
      const below = await this.#onlyChild(child, level)
      if (!below) break
      this.#writing.onPiece(child.ref, -1)
      child = below
    }
    return writtenMap(child)
  }

  async #onlyChild(child: Child, level: number): Promise<Child | undefined> {
    if (this.#inner.has(child.ref)) return this.#inner.get(child.ref)
    const node = await run(this.#writing.reader.node(this.#kind, child.ref, { level }))
    return isLeaf(node) || node.children.length > 1 ? undefined : node.children[0]
  }

  async #unchanged(root: PieceRef): Promise<WrittenMap> {
    const node = await this.#read(root)
    if (!isLeaf(node)) return { node: root, ...node.totals }
    const items = leafItems(this.#kind)
    return { node: root, ...items.totals(items.ofNode(node)) }
  }

  async #read(ref: PieceRef): Promise<StoredNode<V>> {
    return run(this.#writing.reader.node(this.#kind, ref))
  }
}

interface OldMap {
  readonly root: PieceRef
  readonly level: number
}

function entryEdit<V>([key, value]: ItemEdit<V>): ItemEdit<Entry<V>> {
  return [key, value === undefined ? undefined : [key, value]]
}

function living(result: LevelResult): LevelResult {
  return result.filter(([, child]) => child !== undefined)
}

function writtenMap(root: Child | undefined): WrittenMap | undefined {
  return root && { node: root.ref, count: root.count, inodes: root.inodes, bytes: root.bytes }
}
