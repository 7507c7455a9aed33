import { ByteWriter } from '../format/byte-writer.ts'
import type { BlobWriter } from '../format/ref-format.ts'
import type { PackNaming } from '../node-source.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { Child, Entry, MapKind, Subtree, Totals } from './map-kind.ts'
import { encodeInner, encodeLeaf, isLeaf, sumOf } from './node-format.ts'
import type { StoredNode } from './node-format.ts'

/** What the nodes of a level hold: entries in leaves, children in inner nodes. */
export interface LevelItems<V, I> {
  readonly level: number
  keyOf(item: I): string
  weight(item: I): number
  ofNode(node: StoredNode<V>): I[]
  /** An edit to the second would change nothing. */
  isSame(before: I, after: I): boolean
  encode(items: readonly I[], naming: PackNaming): Uint8Array
  totals(items: readonly I[]): Totals
  /** Pieces that an item shows, nodes not among them. */
  pieces(item: I | undefined): Iterable<PieceRef>
  subtrees(item: I | undefined): Iterable<Subtree>
}

export function leafItems<V>(kind: MapKind<V>): LevelItems<V, Entry<V>> {
  return {
    level: 0,
    keyOf: ([key]) => key,
    weight: ([, value]) => kind.weight(value),
    ofNode: (node) => (isLeaf(node) ? node.keys.map((key, i) => [key, node.value(i)]) : []),
    isSame: ([, before], [, after]) => isSameValue(kind, before, after),
    encode: (entries, naming) => encodeLeaf(kind, entries, naming),
    totals: (entries) => sumOf(entries.map(([, value]) => ({ count: 1, ...kind.totals(value) }))),
    pieces: (entry) => (entry ? kind.pieces(entry[1]) : []),
    subtrees: (entry) => (entry ? kind.subtrees(entry[1]) : []),
  }
}

/** About what a child takes beside its key. */
const childWeight = 72

export function innerItems<V>(kind: MapKind<V>, level: number): LevelItems<V, Child> {
  return {
    level,
    keyOf: ({ key }) => key,
    weight: () => childWeight,
    ofNode: (node) => (isLeaf(node) ? [] : [...node.children]),
    isSame: () => false,
    encode: (children, naming) => encodeInner(kind, level, children, naming),
    totals: sumOf,
    pieces: () => [],
    subtrees: () => [],
  }
}

/** References may name packs that have no id yet: they are compared by what the sink calls them. */
const comparedBlobs: BlobWriter = {
  allowsSlices: false,
  writeBlob: (out, ref) => out.text(ref.blob),
}

export function isSameValue<V>(kind: MapKind<V>, before: V, after: V): boolean {
  const [a, b] = [new ByteWriter(), new ByteWriter()]
  kind.write(a, comparedBlobs, before)
  kind.write(b, comparedBlobs, after)
  return Buffer.compare(a.view(), b.view()) === 0
}
