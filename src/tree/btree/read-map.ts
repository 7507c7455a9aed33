import { damaged } from '../format-error.ts'
import type { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { Steps } from '../steps.ts'
import type { MapKind, Totals } from './map-kind.ts'
import { expectedOf, firstNotBelow, isLeaf, sumOf } from './node-format.ts'
import type { Expected, StoredLeaf, StoredNode } from './node-format.ts'
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
  return yield* walk(
    reader,
    kind,
    root,
    pace,
    () => {},
    (value, key) => each(key, value),
  )
}

/**
 * The same, and tells of every node. A node that cannot be read, or is not as it should be, is told to `onLost` and passed
 * over, with what is below it; without `onLost` it ends the walk.
 */
export function* walk<V>(
  reader: NodeReader,
  kind: MapKind<V>,
  root: PieceRef,
  pace: Pace,
  onNode: (ref: PieceRef) => void,
  onValue: (value: V, key: string) => void,
  onLost: (ref: PieceRef, error: unknown) => void = (_, error) => {
    throw error
  },
): Steps<Totals> {
  const stack: { ref: PieceRef; expected: Expected }[] = [{ ref: root, expected: {} }]
  let sum: Totals = { count: 0, inodes: 0, bytes: 0 }
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { ref, expected } = next
    let node: StoredNode<V>
    try {
      node = yield* reader.node(kind, ref, expected)
    } catch (error) {
      onLost(ref, error)
      continue
    }
    onNode(ref)
    if (isLeaf(node)) {
      try {
        const totals = walkLeaf(kind, node, onValue)
        if (expected.totals) checkLeaf(kind, totals, expected.totals)
        sum = sumOf([sum, totals])
      } catch (error) {
        onLost(ref, error)
      }
    } else {
      for (let i = node.children.length - 1; i >= 0; i--) {
        stack.push({ ref: node.children[i]!.ref, expected: expectedOf(node, i, expected.after) })
      }
    }
    const turn = pace.next()
    if (turn) yield turn
  }
  return sum
}

function walkLeaf<V>(
  kind: MapKind<V>,
  leaf: StoredLeaf<V>,
  onValue: (value: V, key: string) => void,
): Totals {
  let [inodes, bytes] = [0, 0]
  for (const [i, key] of leaf.keys.entries()) {
    const value = leaf.value(i)
    const totals = kind.totals(value)
    inodes += totals.inodes
    bytes += totals.bytes
    onValue(value, key)
  }
  return { count: leaf.keys.length, inodes, bytes }
}

function checkLeaf<V>(kind: MapKind<V>, found: Totals, expected: Totals): void {
  if (found.inodes !== expected.inodes || found.bytes !== expected.bytes) {
    throw damaged(`a leaf of ${kind.what} does not have the totals that it should`)
  }
}
