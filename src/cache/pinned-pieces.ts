import { join } from 'node:path'
import type { Clock } from '../runtime/clock.ts'
import type { Disk } from '../runtime/disk.ts'
import type { Log } from '../runtime/log.ts'
import { pieceHashBytes, pieceHashFromBytes, type PieceHash } from '../terms/piece-hash.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import { fingerprintOf, HashIndex } from './hash-index.ts'
import { isChecked, recheck } from './recheck.ts'
import { frameHashAt, frameHeaderBytes, frameLengthAt } from './slab-format.ts'
import { SlabPieces } from './slab-pieces.ts'
import { SlabShelf, slabName, type Slab } from './slab-shelf.ts'
import { SlabWriter } from './slab-writer.ts'

export interface PinnedParts {
  readonly disk: Disk
  readonly clock: Clock
  readonly log: Log
  /** `pinned` in the cache directory; each drive has a directory of its own in it. */
  readonly directory: string
  /** Whose pins these are: a name for a directory. */
  readonly owner: string
  readonly slabBytes: number
  readonly openFiles: number
  /** Has others give way; `hard` when the disk was full. */
  readonly makeRoom: (hard: boolean) => Promise<void>
  readonly onDamage: (ref: PieceRef) => void
}

/** A slab of which less than this share is still wanted is written anew. */
const liveShare = 0.5

/**
 * Pieces that somebody wants to keep here: in slabs of their own, which are never evicted. What is no longer wanted goes when
 * `sweep` is called. Like all of the cache it may vanish at any time.
 */
export class PinnedPieces {
  readonly #parts: PinnedParts
  readonly #own: string
  readonly #index: HashIndex
  readonly #slabs: SlabShelf
  readonly #pieces: SlabPieces
  readonly #writer: SlabWriter
  #wanted: ReadonlySet<number> = new Set()
  #others = 0

  constructor(parts: PinnedParts) {
    const { disk, clock, log, directory, owner, slabBytes, openFiles, makeRoom } = parts
    this.#parts = parts
    this.#own = join(directory, owner)
    this.#index = new HashIndex((slab) => this.#slabs.get(slab) !== undefined)
    this.#slabs = new SlabShelf(disk, this.#own, this.#index, openFiles)
    this.#pieces = new SlabPieces(this.#slabs, this.#index, parts.onDamage)
    this.#writer = new SlabWriter({
      disk,
      clock,
      log,
      slabBytes,
      shelf: this.#slabs,
      index: this.#index,
      makeRoom,
      makeDirectory: () => disk.makeDirectory(this.#own),
    })
  }

  /** Bytes on the disk, those that are pinned for other drives included. */
  get bytes(): number {
    return this.#slabs.bytes + this.#others
  }

  /** Bytes on the disk of the pins here. */
  get ownBytes(): number {
    return this.#slabs.bytes
  }

  /** Bytes that are pinned for other drives that share the cache. */
  get otherBytes(): number {
    return this.#others
  }

  has(ref: PieceRef): boolean {
    return this.#pieces.slotOf(ref) !== undefined
  }

  /** The piece is one of those that are wanted. */
  wants(hash: PieceHash): boolean {
    return this.#wanted.size > 0 && this.#wanted.has(fingerprintOfHash(hash))
  }

  /** From now on these are wanted; `fingerprintOfHash` makes the numbers. */
  want(wanted: ReadonlySet<number>): void {
    this.#wanted = wanted
  }

  get(ref: PieceRef, into?: Uint8Array): Uint8Array | undefined {
    return this.#pieces.get(ref, into)
  }

  willNeed(ref: PieceRef): boolean {
    return this.#pieces.willNeed(ref)
  }

  /** The copy has been compared with its hash by this process. */
  isChecked(ref: PieceRef): boolean {
    return isChecked({ index: this.#index, slotOf: (one) => this.#pieces.slotOf(one) }, ref)
  }

  /** Reads the copy again; undefined where there is none. */
  recheck(ref: PieceRef): Promise<boolean | undefined> {
    const slotOf = (one: PieceRef) => this.#pieces.slotOf(one)
    return recheck({ slabs: this.#slabs, index: this.#index, slotOf }, ref)
  }

  /** Bytes of a piece that waits to be written. */
  queued(hash: PieceHash): Uint8Array | undefined {
    return this.#writer.queued(hash)
  }

  /** Writes stored bytes that have been checked, behind the caller's back. What cannot be written is not there afterwards. */
  put(ref: PieceRef, stored: Uint8Array): void {
    if (!this.has(ref)) this.#writer.put(ref.hash, stored, 'kept')
  }

  /** Resolves when everything given before is written or given up. */
  idle(): Promise<void> {
    return this.#writer.idle()
  }

  /** Looks what is there: others may have deleted all of it. */
  async refresh(): Promise<void> {
    await this.#slabs.refresh()
    this.#others = this.#bytesOfOthers()
  }

  /** Deletes what is not wanted: slabs without anything that is, and those with little, whose rest is written once more. */
  sweep(): Promise<void> {
    return this.#writer.inRow(async () => {
      for (const slab of this.#slabs.slabs) {
        const live = this.#liveOf(slab)
        if (live.bytes > slab.bytes * liveShare) continue
        if (this.#writer.isGrowing(slab)) await this.#writer.end(slab)
        for (const { position, length } of live.places) await this.#rescue(slab, position, length)
        this.#slabs.remove(slab)
      }
    })
  }

  async close(): Promise<void> {
    await this.#writer.close()
    this.#slabs.close()
  }

  #liveOf(slab: Slab): {
    readonly bytes: number
    readonly places: readonly { readonly position: number; readonly length: number }[]
  } {
    const places = [...this.#index.ofSlab(slab.number)]
      .flat()
      .filter(({ fingerprint }) => this.#wanted.has(fingerprint))
    const bytes = places.reduce((sum, { length }) => sum + length, 0)
    return { bytes, places }
  }

  async #rescue(slab: Slab, position: number, length: number): Promise<void> {
    const frame = Buffer.allocUnsafe(frameHeaderBytes + length)
    if (!(await this.#slabs.readLater(slab, frame, position - frameHeaderBytes))) return
    if (frameLengthAt(frame, 0) !== length) return
    const hash = pieceHashFromBytes(frameHashAt(frame, 0))
    await this.#writer.keep(hash, frame.subarray(frameHeaderBytes))
  }

  #bytesOfOthers(): number {
    const { disk, directory, owner } = this.#parts
    let bytes = 0
    for (const other of disk.list(directory)) {
      if (other === owner) continue
      for (const name of disk.list(join(directory, other))) {
        if (slabName.test(name)) bytes += sizeOf(disk, join(directory, other, name))
      }
    }
    return bytes
  }
}

/** A number that stands for a piece's hash where a mistake costs nothing. */
export function fingerprintOfHash(hash: PieceHash): number {
  return fingerprintOf(Buffer.from(pieceHashBytes(hash)))
}

function sizeOf(disk: Disk, path: string): number {
  try {
    const file = disk.open(path, 'read')
    try {
      return disk.size(file)
    } finally {
      disk.close(file)
    }
  } catch {
    return 0
  }
}
