import type { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { Steps } from '../steps.ts'
import { isSameValue } from './level-items.ts'
import type { MapKind } from './map-kind.ts'
import { expectedOf, isLeaf } from './node-format.ts'
import type { Expected, StoredLeaf } from './node-format.ts'
import type { NodeReader } from './node-reader.ts'

/** What comes next on one side: a whole subtree that was not looked into yet, or an entry. */
type Item<V> =
  | { readonly ref: PieceRef; readonly expected: Expected }
  | { readonly leaf: StoredLeaf<V>; readonly index: number }

/** An entry that two maps do not have in common; undefined where a map has none under the key. */
export type OnDifference<V> = (key: string, before: V | undefined, after: V | undefined) => void

/** Tells of all entries that differ, in order. Subtrees that are the same in both are not read. */
export function* diffMaps<V>(
  reader: NodeReader,
  kind: MapKind<V>,
  before: PieceRef | undefined,
  after: PieceRef | undefined,
  pace: Pace,
  onDifference: OnDifference<V>,
): Steps<void> {
  const sides = [new Side(reader, kind, before), new Side(reader, kind, after)] as const
  for (;;) {
    const [a, b] = [sides[0].next, sides[1].next]
    if (!a && !b) return
    if (a && b && 'ref' in a && 'ref' in b && a.ref.hash === b.ref.hash) {
      sides[0].pass()
      sides[1].pass()
      continue
    }
    const opened = sideToOpen(sides, a, b)
    if (opened) yield* opened.open()
    else tellEntries(kind, sides, onDifference)
    const turn = pace.next()
    if (turn) yield turn
  }
}

type Sides<V> = readonly [Side<V>, Side<V>]

/** Both sides are at entries, or one is and the other lies wholly behind it. */
function tellEntries<V>(kind: MapKind<V>, [left, right]: Sides<V>, tell: OnDifference<V>): void {
  const [a, b] = [left.entryKey, right.entryKey]
  if (a !== undefined && a === b) {
    const [before, after] = [left.take(), right.take()]
    if (!isSameValue(kind, before, after)) tell(a, before, after)
  } else if (a !== undefined && (b === undefined || a < b)) {
    tell(a, left.take(), undefined)
  } else {
    tell(b!, undefined, right.take())
  }
}

/** The side whose subtree must be looked into before anything can be told. */
function sideToOpen<V>(
  [left, right]: Sides<V>,
  a: Item<V> | undefined,
  b: Item<V> | undefined,
): Side<V> | undefined {
  const [aTree, bTree] = [a && 'ref' in a ? a : undefined, b && 'ref' in b ? b : undefined]
  if (aTree && bTree) return beginsFirst(aTree, bTree) ? left : right
  if (aTree) return b && isBehind(aTree, right.entryKey!) ? undefined : left
  if (bTree) return a && isBehind(bTree, left.entryKey!) ? undefined : right
  return undefined
}

type Tree = Extract<Item<unknown>, { ref: PieceRef }>

/** All keys of the subtree are greater. */
function isBehind({ expected }: Tree, key: string): boolean {
  return expected.after !== undefined && expected.after >= key
}

/** The subtree that begins first, or else the one of the higher level: roots, whose level is not known yet, above all. */
function beginsFirst({ expected: a }: Tree, { expected: b }: Tree): boolean {
  const [aAfter, bAfter] = [a.after ?? '', b.after ?? '']
  if (aAfter !== bAfter) return aAfter < bAfter
  return (a.level ?? Infinity) >= (b.level ?? Infinity)
}

class Side<V> {
  readonly #reader: NodeReader
  readonly #kind: MapKind<V>
  /** What is still to come, the next at the end. */
  readonly #items: Item<V>[]

  constructor(reader: NodeReader, kind: MapKind<V>, root: PieceRef | undefined) {
    this.#reader = reader
    this.#kind = kind
    this.#items = root ? [{ ref: root, expected: {} }] : []
  }

  get next(): Item<V> | undefined {
    return this.#items.at(-1)
  }

  /** The key of the next entry; undefined at a subtree and at the end. */
  get entryKey(): string | undefined {
    const { next } = this
    return next && 'leaf' in next ? next.leaf.keys[next.index] : undefined
  }

  pass(): void {
    this.#items.pop()
  }

  take(): V {
    const entry = this.#items.pop() as Extract<Item<V>, { index: number }>
    return entry.leaf.value(entry.index)
  }

  *open(): Steps<void> {
    const { ref, expected } = this.#items.pop() as Tree
    const node = yield* this.#reader.node(this.#kind, ref, expected)
    for (let i = node.keys.length - 1; i >= 0; i--) {
      if (isLeaf(node)) this.#items.push({ leaf: node, index: i })
      else
        this.#items.push({
          ref: node.children[i]!.ref,
          expected: expectedOf(node, i, expected.after),
        })
    }
  }
}
