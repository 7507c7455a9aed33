import type { PieceRef } from '../piece-ref.ts'
import { run } from '../steps.ts'
import type { MapKind } from './map-kind.ts'
import { expectedOf, firstNotBelow, isLeaf } from './node-format.ts'
import type { Expected, StoredInner, StoredNode } from './node-format.ts'
import type { NodeReader } from './node-reader.ts'

interface Step {
  readonly node: StoredInner
  readonly expected: Expected
  index: number
}

/** Walks the nodes of one level of a stored map, in order. */
export class LevelCursor<V> {
  readonly #reader: NodeReader
  readonly #kind: MapKind<V>
  readonly #root: PieceRef
  readonly #level: number
  /** The inner nodes on the way to the current node, the root first. */
  #way: Step[] = []

  constructor(reader: NodeReader, kind: MapKind<V>, root: PieceRef, level: number) {
    this.#reader = reader
    this.#kind = kind
    this.#root = root
    this.#level = level
  }

  get ref(): PieceRef {
    const step = this.#way.at(-1)
    return step ? step.node.children[step.index]!.ref : this.#root
  }

  get isLast(): boolean {
    return this.#way.every(({ node, index }) => index === node.children.length - 1)
  }

  /** The current node. */
  async load(): Promise<StoredNode<V>> {
    return this.#read(this.ref, this.#expected())
  }

  /** Goes to the node that holds the key, or would hold it: the last one for a key behind all. */
  async seek(key: string): Promise<void> {
    this.#way = []
    await this.#descend((keys) => Math.min(firstNotBelow(keys, key), keys.length - 1))
  }

  /** Goes to the next node. Not from the last one. */
  async next(): Promise<void> {
    while (this.#way.length > 0) {
      const step = this.#way.at(-1)!
      if (++step.index < step.node.children.length) break
      this.#way.pop()
    }
    await this.#descend(() => 0)
  }

  async #descend(choose: (keys: readonly string[]) => number): Promise<void> {
    for (;;) {
      const above = this.#way.at(-1)
      if (above && above.node.level === this.#level + 1) return
      const expected = this.#expected()
      const node = await this.#read(this.ref, expected)
      if (node.level === this.#level || isLeaf(node)) return
      this.#way.push({ node, expected, index: choose(node.keys) })
    }
  }

  #expected(): Expected {
    const step = this.#way.at(-1)
    return step ? expectedOf(step.node, step.index, step.expected.after) : {}
  }

  async #read(ref: PieceRef, expected: Expected): Promise<StoredNode<V>> {
    return run(this.#reader.node(this.#kind, ref, expected))
  }
}
