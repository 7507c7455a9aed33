import type { BlobId } from '../../terms/blob-id.ts'
import type { MapKind, Subtree } from '../btree/map-kind.ts'
import { expectedOf, isLeaf } from '../btree/node-format.ts'
import type { Expected } from '../btree/node-format.ts'
import { NodeReader } from '../btree/node-reader.ts'
import { directoryKind } from '../kinds/directory-kind.ts'
import { extentsKind } from '../kinds/extents-kind.ts'
import { linksKind } from '../kinds/links-kind.ts'
import { packsKind } from '../kinds/packs-kind.ts'
import type { NodeSource } from '../node-source.ts'
import { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { RootRecord } from '../root-record.ts'
import { run } from '../steps.ts'

/**
 * What snapshots need of each pack: `neededPieces` summed up by pack, for many snapshots of one drive. What an earlier one was
 * found to need is not read again, node by node, so that of each snapshot only the difference is walked.
 */
export class Needs {
  /** Stored bytes of the pieces that are needed, each counted once; the table of packs and root records left out. */
  readonly live = new Map<BlobId, number>()
  readonly #needed = new Set<BlobId>()
  readonly #known = new Map<BlobId, Set<number>>()
  readonly #reader: NodeReader
  readonly #isGone: (error: unknown) => boolean
  readonly #pace = new Pace()

  /** `isGone` tells the failures of a source that mean that the piece is no longer there. */
  constructor(source: NodeSource, isGone: (error: unknown) => boolean) {
    this.#reader = new NodeReader(source)
    this.#isGone = isGone
  }

  /** Something of the pack is needed. */
  has(blob: BlobId): boolean {
    return this.#needed.has(blob)
  }

  /**
   * Adds what a snapshot needs. Resolves with how many of its nodes are gone: all that can still be reached counts all
   * the same. Throws FormatError, and whatever else the source throws.
   */
  async add({ self, directory, links, packs }: RootRecord): Promise<number> {
    this.#take(self, 0)
    let gone = 0
    if (packs) gone += await this.#walk(packsKind, packs, 0, [])
    const below: Subtree[] = []
    if (links) gone += await this.#walk(linksKind, links, 1, below)
    if (directory.node) below.push({ of: 'directory', node: directory.node })
    for (let next = below.pop(); next; next = below.pop()) {
      gone +=
        next.of === 'directory'
          ? await this.#walk(directoryKind, next.node, 1, below)
          : await this.#walk(extentsKind, next.node, 1, below)
    }
    return gone
  }

  async #walk<V>(
    kind: MapKind<V>,
    root: PieceRef,
    counted: 0 | 1,
    below: Subtree[],
  ): Promise<number> {
    let gone = 0
    const stack: { ref: PieceRef; expected: Expected }[] = [{ ref: root, expected: {} }]
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { ref, expected } = next
      if (!this.#take(ref, counted)) continue
      await this.#pace.next()
      try {
        const node = await run(this.#reader.node(kind, ref, expected))
        if (!isLeaf(node)) {
          for (const [i, child] of node.children.entries()) {
            stack.push({ ref: child.ref, expected: expectedOf(node, i, expected.after) })
          }
          continue
        }
        for (const i of node.keys.keys()) {
          const value = node.value(i)
          for (const piece of kind.pieces(value)) this.#take(piece, counted)
          below.push(...kind.subtrees(value))
        }
      } catch (error) {
        if (!this.#isGone(error)) throw error
        gone++
      }
    }
    return gone
  }

  /** False for a piece that was needed before. */
  #take({ blob, offset, storedLength }: PieceRef, counted: 0 | 1): boolean {
    let offsets = this.#known.get(blob)
    if (!offsets) this.#known.set(blob, (offsets = new Set()))
    if (offsets.has(offset)) return false
    offsets.add(offset)
    this.#needed.add(blob)
    this.live.set(blob, (this.live.get(blob) ?? 0) + counted * storedLength)
    return true
  }
}
