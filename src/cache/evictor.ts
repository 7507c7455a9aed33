import { pieceHashFromBytes } from '../terms/piece-hash.ts'
import { fingerprintOf, type HashIndex } from './hash-index.ts'
import type { Pack, PackShelf } from './pack-shelf.ts'
import { frameHashAt, frameHeaderBytes, frameLengthAt } from './slab-format.ts'
import type { PinnedPieces } from './pinned-pieces.ts'
import type { Slab, SlabShelf } from './slab-shelf.ts'
import type { SlabWriter } from './slab-writer.ts'
import type { WholeShelf } from './whole-shelf.ts'

export interface EvictorParts {
  readonly slabs: SlabShelf
  readonly packs: PackShelf
  readonly whole: WholeShelf
  /** Counts, and never goes. */
  readonly pinned: Pick<PinnedPieces, 'bytes'>
  readonly index: HashIndex
  readonly writer: SlabWriter
  readonly maxBytes: number
  /** Sees what other processes have written and deleted, when that is due. */
  readonly look: () => Promise<void>
  /** Bytes that may still be written to the disk. */
  readonly room: () => number
}

/** What came once may take so much; when it has less, what is kept has to go. */
const freshShare = 0.1
/** Pieces remembered after they were dropped unused, twice. */
const ghosts = 50_000

/**
 * Decides what leaves the disk, whole files at a time, as S3-FIFO does with objects: what came once goes first, its used
 * pieces are written once more among the kept; the oldest kept go next, their used pieces go round again. A long scan
 * therefore only passes through the fresh share.
 */
export class Evictor {
  readonly #parts: EvictorParts
  #ghosts = new Set<number>()
  #olderGhosts = new Set<number>()

  constructor(parts: EvictorParts) {
    this.#parts = parts
  }

  /** A piece that came before, was dropped before it was used, and comes again: it is used, only more slowly. */
  wasDropped(hash: Buffer): boolean {
    const fingerprint = fingerprintOf(hash)
    return this.#ghosts.has(fingerprint) || this.#olderGhosts.has(fingerprint)
  }

  /** Evicts until the limits are kept; `hard` evicts one file at least. To be run in the writer's row. */
  async makeRoom(hard: boolean): Promise<void> {
    let force = hard
    // Used pieces of an evicted file come back; with few files this might not end in one go.
    for (let files = 0; files < 64; files++) {
      await this.#parts.look()
      const isWholeGone = this.#evictWhole(force)
      if (!isWholeGone && !force && this.#excess() <= 0) return
      force = false
      if (isWholeGone) continue
      const victim = this.#victim()
      if (!victim) return
      if ('blob' in victim) await this.#evictPack(victim)
      else await this.#evictSlab(victim)
    }
  }

  #excess(): number {
    const { slabs, packs, whole, pinned, maxBytes, room } = this.#parts
    const bytes = slabs.bytes + packs.bytes + whole.bytes + pinned.bytes
    return Math.max(bytes - maxBytes, -room())
  }

  /** Whole files have a limit of their own, and on a full disk go first: their bytes are there as pieces, too. */
  #evictWhole(isFull: boolean): boolean {
    const { whole, room } = this.#parts
    const oldest = isFull || whole.excess > 0 || room() < 0 ? whole.oldest() : undefined
    if (oldest) whole.remove(oldest)
    return oldest !== undefined
  }

  #victim(): Slab | Pack | undefined {
    const { slabs, packs, maxBytes } = this.#parts
    const fresh: (Slab | Pack)[] = [...packs.packs]
    const kept: Slab[] = []
    for (const slab of slabs.slabs) (slab.generation === 'fresh' ? fresh : kept).push(slab)
    const freshBytes = fresh.reduce((sum, { bytes }) => sum + bytes, 0)
    const first = freshBytes > maxBytes * freshShare || kept.length === 0 ? fresh : kept
    return oldest(first) ?? oldest(first === fresh ? kept : fresh)
  }

  async #evictSlab(slab: Slab): Promise<void> {
    const { slabs, index, writer } = this.#parts
    if (writer.isGrowing(slab)) await writer.end(slab)
    for (const entries of index.ofSlab(slab.number)) {
      for (const { position, length, hits, fingerprint } of entries) {
        if (hits > 0) await this.#rescue(slab, position, length)
        else if (slab.generation === 'fresh') this.#remember(fingerprint)
      }
      await new Promise(setImmediate)
    }
    slabs.remove(slab)
  }

  async #rescue(slab: Slab, position: number, length: number): Promise<void> {
    const frame = Buffer.allocUnsafe(frameHeaderBytes + length)
    const start = position - frameHeaderBytes
    if (!(await this.#parts.slabs.readLater(slab, frame, start))) return
    if (frameLengthAt(frame, 0) !== length) return
    const hash = pieceHashFromBytes(frameHashAt(frame, 0))
    await this.#parts.writer.keep(hash, frame.subarray(frameHeaderBytes))
  }

  async #evictPack(pack: Pack): Promise<void> {
    const { packs, writer } = this.#parts
    for (const [offset, { hash, length, hits }] of pack.read) {
      if (hits < 2) continue
      const stored = Buffer.allocUnsafe(length)
      if (await packs.readLater(pack, stored, offset)) await writer.keep(hash, stored)
    }
    packs.remove(pack)
  }

  #remember(fingerprint: number): void {
    this.#ghosts.add(fingerprint)
    if (this.#ghosts.size < ghosts) return
    this.#olderGhosts = this.#ghosts
    this.#ghosts = new Set()
  }
}

function oldest<T extends { readonly madeMs: number }>(files: readonly T[]): T | undefined {
  return files.reduce<T | undefined>(
    (first, file) => (!first || file.madeMs < first.madeMs ? file : first),
    undefined,
  )
}
