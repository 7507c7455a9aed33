import type { BlobId } from '../../terms/blob-id.ts'
import type { Child, Entry, MapKind } from '../btree/map-kind.ts'
import { encodeInner, encodeLeaf, expectedOf, isLeaf } from '../btree/node-format.ts'
import type { Expected } from '../btree/node-format.ts'
import { NodeReader } from '../btree/node-reader.ts'
import type { Extent } from '../extent-map.ts'
import { ExtentList } from '../extents/extent-list.ts'
import { directoryKind, LinkedName } from '../kinds/directory-kind.ts'
import type { DirectoryValue } from '../kinds/directory-kind.ts'
import { extentsKind } from '../kinds/extents-kind.ts'
import { linksKind } from '../kinds/links-kind.ts'
import type { NodeSink, NodeSource } from '../node-source.ts'
import { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { RootRecord } from '../root-record.ts'
import { run } from '../steps.ts'
import { DirectoryNames } from '../worktree/directory-names.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'

/** What leaves its pack. */
export interface Moves {
  /** Packs of which nothing is to be named any more: nodes that lie there are written again. */
  readonly packs: ReadonlySet<BlobId>
  /** Where a piece of a file that lies in one of them is now. */
  readonly pieceOf: (ref: PieceRef) => PieceRef
  /** Told of each node that the tree no longer names: another stands in its place. */
  readonly onLeft?: (node: PieceRef) => void
}

/** A tree that says the same and lies elsewhere. References are as the sink gave them. */
export type RelocatedTree = Pick<RootRecord, 'directory' | 'links'>

/**
 * Writes a tree so that it names nothing in some packs: nodes that lie there or refer there are written again with the same
 * entries, all others stay where they are. Throws FormatError, and whatever source and sink throw.
 */
export async function relocate(
  source: NodeSource,
  sink: NodeSink,
  root: RootRecord,
  moves: Moves,
): Promise<RelocatedTree> {
  const relocation = new Relocation(new NodeReader(source), sink, moves)
  const { directory, links } = root
  return {
    directory: {
      ...directory,
      node: directory.node && (await relocation.directory(directory.node)),
    },
    links: links && (await relocation.links(links)),
  }
}

/** The same value with what it refers to in its new place; itself where nothing moved. */
type Moved<V> = (value: V) => Promise<V>

class Relocation {
  readonly #reader: NodeReader
  readonly #sink: NodeSink
  readonly #moves: Moves
  readonly #pace = new Pace()

  constructor(reader: NodeReader, sink: NodeSink, moves: Moves) {
    this.#reader = reader
    this.#sink = sink
    this.#moves = moves
  }

  directory(node: PieceRef): Promise<PieceRef> {
    return this.#map(directoryKind, node, {}, (value) => this.#name(value))
  }

  links(node: PieceRef): Promise<PieceRef> {
    return this.#map(linksKind, node, {}, (inode) => this.#inode(inode))
  }

  /** Children first. The keys stay, so each node ends where it did. */
  async #map<V>(
    kind: MapKind<V>,
    ref: PieceRef,
    expected: Expected,
    moved: Moved<V>,
  ): Promise<PieceRef> {
    const node = await run(this.#reader.node(kind, ref, expected))
    await this.#pace.next()
    let isChanged = this.#moves.packs.has(ref.blob)
    if (isLeaf(node)) {
      const entries: Entry<V>[] = []
      for (const [i, key] of node.keys.entries()) {
        const value = node.value(i)
        const after = await moved(value)
        isChanged ||= after !== value
        entries.push([key, after])
      }
      return this.#put(ref, isChanged, (naming) => encodeLeaf(kind, entries, naming))
    }
    const children: Child[] = []
    for (const [i, child] of node.children.entries()) {
      const below = expectedOf(node, i, expected.after)
      const after = await this.#map(kind, child.ref, below, moved)
      isChanged ||= after !== child.ref
      children.push({ ...child, ref: after })
    }
    return this.#put(ref, isChanged, (naming) => encodeInner(kind, node.level, children, naming))
  }

  async #put(
    ref: PieceRef,
    isChanged: boolean,
    encode: Parameters<NodeSink['put']>[0],
  ): Promise<PieceRef> {
    if (!isChanged) return ref
    this.#moves.onLeft?.(ref)
    return this.#sink.put(encode)
  }

  async #name(value: DirectoryValue): Promise<DirectoryValue> {
    return value instanceof LinkedName ? value : this.#inode(value)
  }

  async #inode(inode: TreeInode): Promise<TreeInode> {
    if (inode.names) return this.#directoryInode(inode)
    if (inode.extentTree) {
      const { node, count } = inode.extentTree
      const after = await this.#map(extentsKind, node, {}, async (extent) => this.#extent(extent))
      if (after === node) return inode
      const copy = inode.copy()
      copy.extentTree = { node: after, count }
      return copy
    }
    return inode.isRegular ? this.#extentsInode(inode) : inode
  }

  async #directoryInode(inode: TreeInode): Promise<TreeInode> {
    const { stored } = inode.names!
    if (!stored) return inode
    const node = await this.directory(stored.node)
    if (node === stored.node) return inode
    const copy = inode.copy()
    const { count, inodes, bytes } = stored
    copy.names = new DirectoryNames({ node, count, inodes, bytes })
    return copy
  }

  #extentsInode(inode: TreeInode): TreeInode {
    const list = new ExtentList()
    let isChanged = false
    for (const extent of inode.extents!.all()) {
      const after = this.#extent(extent)
      isChanged ||= after !== extent
      list.put(after.start, after.end, after.source)
    }
    if (!isChanged) return inode
    const copy = inode.copy()
    copy.extentPage = undefined
    copy.extentList = list
    return copy
  }

  #extent(extent: Extent): Extent {
    const { start, end, source } = extent
    if (source.kind !== 'piece' || !this.#moves.packs.has(source.piece.blob)) return extent
    return {
      start,
      end,
      source: { kind: 'piece', piece: this.#moves.pieceOf(source.piece), at: source.at },
    }
  }
}
