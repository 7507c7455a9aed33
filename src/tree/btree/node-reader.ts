import { LRUCache } from 'lru-cache'
import { damaged } from '../format-error.ts'
import type { NodeSource } from '../node-source.ts'
import type { PieceRef } from '../piece-ref.ts'
import { wait } from '../steps.ts'
import type { Steps } from '../steps.ts'
import type { MapKind } from './map-kind.ts'
import { checkNode, decodeNode } from './node-format.ts'
import type { Expected, StoredNode } from './node-format.ts'
import { maxNodeBytes } from './node-page.ts'

/** Nodes that stay decoded: those on the ways that are walked again and again. */
const keptNodes = 64

interface Kept {
  readonly ref: PieceRef
  readonly code: number
  readonly node: StoredNode<unknown>
}

/** Reads stored nodes through a source, checked. */
export class NodeReader {
  readonly #source: NodeSource
  readonly #kept = new LRUCache<string, Kept>({ max: keptNodes })

  constructor(source: NodeSource) {
    this.#source = source
  }

  /** A node by its reference. Throws FormatError, and whatever the source throws. */
  *node<V>(kind: MapKind<V>, ref: PieceRef, expected: Expected = {}): Steps<StoredNode<V>> {
    const kept = this.#kept.get(ref.hash)
    const isKept = kept && kept.code === kind.code && isSamePlace(kept.ref, ref)
    const node = isKept
      ? (kept.node as StoredNode<V>)
      : decodeNode(kind, yield* this.page(ref), ref.blob)
    checkNode(kind, node, expected)
    if (!isKept) this.#kept.set(ref.hash, { ref, code: kind.code, node })
    return node
  }

  /** The plain bytes of a page. */
  *page(ref: PieceRef): Steps<Uint8Array> {
    if (ref.length > maxNodeBytes) throw damaged(`a node of ${ref.length} bytes`)
    return yield* wait(this.#source.piece(ref))
  }
}

function isSamePlace(a: PieceRef, b: PieceRef): boolean {
  return a.blob === b.blob && a.offset === b.offset
}
