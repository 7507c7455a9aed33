import type { BlobId } from '../terms/blob-id.ts'
import { PieceUse, type IndexedPiece } from '../tree/format/pack-format.ts'
import { FormatError } from '../tree/format-error.ts'
import { neededPieces, type NeededPiece } from '../tree/history/needed-pieces.ts'
import { predecessorsOf } from '../tree/history/root-records.ts'
import type { NodeSource } from '../tree/node-source.ts'
import { Pace } from '../tree/pace.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { RootRecord } from '../tree/root-record.ts'
import { isGone } from './kept-snapshots.ts'

/** What trees say of a pack that cannot be asked itself. */
export class PackParts {
  readonly blob: BlobId
  /** Of the whole pack; 0 where it is not known. */
  readonly bytes: number
  /** The present tree names something in it. */
  isPresent = false
  readonly #pieces = new Map<number, IndexedPiece>()
  #sorted: readonly IndexedPiece[] | undefined
  readonly #files = new Set<number>()
  readonly #directories = new Set<number>()

  constructor(blob: BlobId, bytes: number) {
    this.blob = blob
    this.bytes = bytes
  }

  /** The pieces that some tree names, by offset, each once. */
  get pieces(): readonly IndexedPiece[] {
    return (this.#sorted ??= [...this.#pieces.values()].sort((a, b) => a.ref.offset - b.ref.offset))
  }

  /** Files of the present tree that show bytes of it. */
  get files(): number {
    return this.#files.size
  }

  /** Directories of the present tree of which names lie in it. */
  get directories(): number {
    return this.#directories.size
  }

  /** Where its pieces end, as far as they lie side by side from its first byte on. */
  get end(): number {
    let end = 0
    for (const { ref } of this.pieces) {
      if (ref.offset !== end) break
      end += ref.storedLength
    }
    return end
  }

  add({ ref, use, of, ino }: NeededPiece, isPresent: boolean): void {
    if (!this.#pieces.has(ref.offset)) {
      this.#pieces.set(ref.offset, { ref, use })
      this.#sorted = undefined
    }
    if (!isPresent) return
    this.isPresent = true
    if (ino === undefined) return
    const isNames = of === 'directory' && use === PieceUse.node
    if (isNames) this.#directories.add(ino)
    else this.#files.add(ino)
  }
}

/** What was found of some packs. */
export interface FoundParts {
  readonly parts: ReadonlyMap<BlobId, PackParts>
  /** Nodes of the present tree that could not be had: what is below them is not known. */
  readonly lost: number
}

/** What finding takes. */
export interface PartsSearch {
  readonly source: NodeSource
  /** A snapshot whose root record lies in another pack was given up. */
  readonly kept: ReadonlySet<BlobId>
  /** All pieces of this pack are known: earlier snapshots need not be asked. */
  readonly isWhole: (parts: PackParts) => boolean
}

/**
 * Finds what the present tree, and as long as some pack is not whole by it, the snapshots before it name in `packs` (with
 * their bytes). What cannot be read any more is passed over. Throws what the source throws for all other reasons.
 */
export async function findParts(
  root: RootRecord,
  packs: ReadonlyMap<BlobId, number>,
  { source, kept, isWhole }: PartsSearch,
  signal: AbortSignal,
): Promise<FoundParts> {
  const parts = new Map([...packs].map(([blob, bytes]) => [blob, new PackParts(blob, bytes)]))
  const walked = new Set<string>()
  const isKnown = ({ blob, offset }: PieceRef) => {
    const place = `${blob} ${offset}`
    return walked.size === walked.add(place).size
  }
  let lost = 0
  const walk = async (snapshot: RootRecord, isPresent: boolean) => {
    const pace = new Pace()
    const onLost = (_: NeededPiece, error: unknown) => {
      signal.throwIfAborted()
      if (!isGone(error) && !(error instanceof FormatError)) throw error
      if (isPresent) lost++
    }
    for await (const piece of neededPieces(source, snapshot, isKnown, onLost)) {
      parts.get(piece.ref.blob)?.add(piece, isPresent)
      await pace.next()
    }
  }
  await walk(root, true)
  try {
    const before = predecessorsOf(source, root)
    let { predecessor } = root
    while (predecessor && kept.has(predecessor.blob) && ![...parts.values()].every(isWhole)) {
      const { value } = await before.next()
      if (!value) break
      await walk(value, false)
      predecessor = value.predecessor
    }
  } catch (error) {
    if (!isGone(error) && !(error instanceof FormatError)) throw error
  }
  return { parts, lost }
}
