import { damaged } from '../format-error.ts'
import type { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { Steps } from '../steps.ts'
import type { MapKind, Totals } from './map-kind.ts'
import { expectedOf, firstNotBelow, isLeaf, sumOf } from './node-format.ts'
import type { Expected, StoredLeaf } from './node-format.ts'
import type { NodeReader } from './node-reader.ts'

/** Finds the value of a key, reading only the nodes on the way to it. */
export function* find<V>(
  reader: NodeReader,
  kind: MapKind<V>,
  root: PieceRef,
  key: string,
): Steps<V | undefined> {
  let ref = root
  let expected: Expected = {}
  for (;;) {
    const node = yield* reader.node(kind, ref, expected)
    const index = firstNotBelow(node.keys, key)
    if (index === node.keys.length) return undefined
    if (isLeaf(node)) return node.keys[index] === key ? node.value(index) : undefined
    expected = expectedOf(node, index, expected.after)
    ref = node.children[index]!.ref
  }
}

/** Tells `each` of every entry in order; checks all totals. Returns those of the whole map. */
export function* scan<V>(
  reader: NodeReader,
  kind: MapKind<V>,
  root: PieceRef,
  pace: Pace,
  each: (key: string, value: V) => void,
): Steps<Totals> {
  const stack: { ref: PieceRef; expected: Expected }[] = [{ ref: root, expected: {} }]
  let sum: Totals = { count: 0, inodes: 0, bytes: 0 }
  for (let next = stack.pop(); next; next = stack.pop()) {
    const node = yield* reader.node(kind, next.ref, next.expected)
    if (isLeaf(node)) {
      const totals = scanLeaf(kind, node, each)
      if (next.expected.totals) checkLeaf(kind, totals, next.expected.totals)
      sum = sumOf([sum, totals])
    } else {
      const { after } = next.expected
      for (let i = node.children.length - 1; i >= 0; i--) {
        stack.push({ ref: node.children[i]!.ref, expected: expectedOf(node, i, after) })
      }
    }
    const turn = pace.next()
    if (turn) yield turn
  }
  return sum
}

function scanLeaf<V>(
  kind: MapKind<V>,
  leaf: StoredLeaf<V>,
  each: (key: string, value: V) => void,
): Totals {
  let [inodes, bytes] = [0, 0]
  for (const [i, key] of leaf.keys.entries()) {
    const value = leaf.value(i)
    const totals = kind.totals(value)
    inodes += totals.inodes
    bytes += totals.bytes
    each(key, value)
  }
  return { count: leaf.keys.length, inodes, bytes }
}

function checkLeaf<V>(kind: MapKind<V>, found: Totals, expected: Totals): void {
  if (found.inodes !== expected.inodes || found.bytes !== expected.bytes) {
    throw damaged(`a leaf of ${kind.what} does not have the totals that it should`)
  }
}
