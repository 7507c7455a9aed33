import type { BlobId } from '../../terms/blob-id.ts'
import type { MapKind, Subtree } from '../btree/map-kind.ts'
import type { NodeReader } from '../btree/node-reader.ts'
import { walk } from '../btree/read-map.ts'
import { directoryKind } from '../kinds/directory-kind.ts'
import { extentsKind } from '../kinds/extents-kind.ts'
import type { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import { run } from '../steps.ts'

/**
 * How many stored bytes of each pack a tree begins and ceases to name. Trees below records (a directory's names, a long
 * file's extents) are counted by their roots first: one that moved, or was edited, cancels out; what is left at the end
 * came or went as a whole and is walked.
 */
export class LiveBooks {
  readonly delta = new Map<BlobId, number>()
  readonly #subtrees = new Map<string, { readonly subtree: Subtree; count: number }>()

  readonly onPiece = (ref: PieceRef, sign: 1 | -1): void => {
    this.delta.set(ref.blob, (this.delta.get(ref.blob) ?? 0) + sign * ref.storedLength)
  }

  readonly onSubtree = (subtree: Subtree, sign: 1 | -1): void => {
    const key = `${subtree.node.blob} ${subtree.node.offset}`
    const known = this.#subtrees.get(key)
    const count = (known?.count ?? 0) + sign
    if (count === 0) this.#subtrees.delete(key)
    else this.#subtrees.set(key, { subtree, count })
  }

  /** A subtree was edited; what differs between the two was told piece by piece. */
  edited(of: Subtree['of'], before: PieceRef | undefined, after: PieceRef | undefined): void {
    if (before) this.onSubtree({ of, node: before }, 1)
    if (after) this.onSubtree({ of, node: after }, -1)
  }

  /** Counts the subtrees that are left. One that cannot be read any more is not counted. */
  async settle(reader: NodeReader, pace: Pace): Promise<void> {
    for (const [key, { subtree, count }] of this.#subtrees) {
      this.#subtrees.delete(key)
      try {
        await this.#walk(reader, pace, subtree, count)
      } catch {
        // A tree that was deleted because it is lost must not stand in the way of the commit.
      }
    }
  }

  async #walk(reader: NodeReader, pace: Pace, { of, node }: Subtree, count: number): Promise<void> {
    const sign = count > 0 ? 1 : -1
    if (of === 'directory') await this.#walkMap(reader, pace, directoryKind, node, sign)
    else await this.#walkMap(reader, pace, extentsKind, node, sign)
  }

  async #walkMap<V>(
    reader: NodeReader,
    pace: Pace,
    kind: MapKind<V>,
    root: PieceRef,
    sign: 1 | -1,
  ): Promise<void> {
    const onNode = (ref: PieceRef) => this.onPiece(ref, sign)
    const onValue = (value: V) => {
      for (const ref of kind.pieces(value)) this.onPiece(ref, sign)
      for (const subtree of kind.subtrees(value)) this.onSubtree(subtree, sign)
    }
    await run(walk(reader, kind, root, pace, onNode, onValue))
  }
}
