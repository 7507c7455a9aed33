import { join } from 'node:path'
import type { Clock } from '../runtime/clock.ts'
import type { Disk } from '../runtime/disk.ts'
import type { Log } from '../runtime/log.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { type PieceHash, pieceHashOf } from '../terms/piece-hash.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import { Evictor } from './evictor.ts'
import { HashIndex } from './hash-index.ts'
import { PackShelf } from './pack-shelf.ts'
import { recheck, type Shelves } from './recheck.ts'
import { PinnedPieces } from './pinned-pieces.ts'
import { hashBytes } from './slab-format.ts'
import { SlabPieces } from './slab-pieces.ts'
import { SlabShelf } from './slab-shelf.ts'
import { SlabWriter } from './slab-writer.ts'
import { WholeShelf } from './whole-shelf.ts'

export interface DiskPiecesParts {
  readonly disk: Disk
  readonly clock: Clock
  readonly log: Log
  readonly directory: string
  readonly maxBytes: number
  /** Bytes that stay free on the disk. */
  readonly reserveBytes: number
  readonly slabBytes: number
  readonly openFiles: number
  /** Whose pins are kept here: a name for a directory. */
  readonly owner: string
}

/** It is looked what other processes have written when a look is this old, or when we have written a slab since. */
const refreshMs = 2000

/** Of the limit, what whole files may have. */
const wholeShare = 0.5

/** Stored pieces on the disk, in slabs and in whole packs. Never an error: what is not there or not right is not given. */
export class DiskPieces {
  readonly whole: WholeShelf
  readonly packs: PackShelf
  /** What is kept whatever has to go. */
  readonly pinned: PinnedPieces
  /** Where all else is. */
  readonly shelves: Shelves
  readonly #parts: DiskPiecesParts
  readonly #index: HashIndex
  readonly #slabs: SlabShelf
  readonly #writer: SlabWriter
  readonly #evictor: Evictor
  readonly #pieces: SlabPieces
  readonly #hash = Buffer.alloc(hashBytes)
  #refreshedAt = -Infinity
  /** What our writer had written in all when the last look began. */
  #refreshedWritten = 0
  #refreshing: Promise<void> | undefined
  #damaged = 0

  private constructor(parts: DiskPiecesParts) {
    const { disk, directory, clock, log, slabBytes, openFiles } = parts
    this.#parts = parts
    this.#index = new HashIndex((slab) => this.#slabs.get(slab) !== undefined)
    this.#slabs = new SlabShelf(disk, join(directory, 'pieces'), this.#index, openFiles)
    this.packs = new PackShelf(disk, join(directory, 'packs'), openFiles)
    const onDamage = (ref: PieceRef) => this.#damage(ref)
    this.#pieces = new SlabPieces(this.#slabs, this.#index, onDamage)
    const slotOf = (ref: PieceRef) => this.#pieces.slotOf(ref)
    this.shelves = { slabs: this.#slabs, packs: this.packs, index: this.#index, slotOf }
    this.pinned = new PinnedPieces({
      disk,
      clock,
      log,
      slabBytes,
      openFiles,
      onDamage,
      directory: join(directory, 'pinned'),
      owner: parts.owner,
      makeRoom: (hard) => this.#writer.inRow(() => this.#evictor.makeRoom(hard)),
    })
    this.whole = new WholeShelf({
      disk,
      clock,
      directory: join(directory, 'whole'),
      maxBytes: Math.floor(parts.maxBytes * wholeShare),
    })
    this.#writer = new SlabWriter({
      disk,
      clock,
      log,
      slabBytes,
      shelf: this.#slabs,
      index: this.#index,
      makeRoom: (hard) => this.#evictor.makeRoom(hard),
      makeDirectory: () => this.#makeDirectories(),
    })
    this.#evictor = new Evictor({
      slabs: this.#slabs,
      packs: this.packs,
      whole: this.whole,
      pinned: this.pinned,
      index: this.#index,
      writer: this.#writer,
      maxBytes: parts.maxBytes,
      look: () => this.#lookIfDue(),
      room: () => this.room(),
    })
  }

  /** Takes over what is there. A directory that cannot be made or read is an empty cache. */
  static async open(parts: DiskPiecesParts): Promise<DiskPieces> {
    const pieces = new DiskPieces(parts)
    try {
      pieces.#makeDirectories()
      await pieces.look()
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      parts.log.warn('the cache directory cannot be used', { directory: parts.directory, code })
    }
    return pieces
  }

  get bytes(): number {
    return this.#slabs.bytes + this.packs.bytes + this.whole.bytes + this.pinned.bytes
  }

  /** Copies that did not match their hash. */
  get damaged(): number {
    return this.#damaged
  }

  has(ref: PieceRef): boolean {
    if (this.#pieces.slotOf(ref) !== undefined || this.pinned.has(ref)) return true
    return this.packs.packOf(ref) !== undefined || this.#queued(ref.hash) !== undefined
  }

  /** The piece's stored bytes, checked; in `into`, which has their length, where that is given. */
  get(ref: PieceRef, into?: Uint8Array): Uint8Array | undefined {
    const found =
      this.#pieces.get(ref, into) ??
      this.pinned.get(ref, into) ??
      this.#fromPack(ref, into) ??
      this.#queued(ref.hash)
    if (!found) this.#refreshSoon()
    else if (into !== undefined && found !== into) into.set(found)
    return found
  }

  /** Reads a copy again; one that is not right is dropped. */
  async recheck(ref: PieceRef): Promise<boolean | undefined> {
    const found = await Promise.all([this.pinned.recheck(ref), recheck(this.shelves, ref)])
    for (const isRight of found) if (isRight === false) this.#damage(ref)
    return found.includes(false) ? false : (found[0] ?? found[1])
  }

  /** The piece is read soon. */
  willNeed(ref: PieceRef): void {
    if (this.#pieces.willNeed(ref) || this.pinned.willNeed(ref)) return
    const pack = this.packs.packOf(ref)
    if (pack) this.packs.willNeed(pack, ref.offset, ref.storedLength)
  }

  /** Keeps stored bytes that have been checked. */
  put(ref: PieceRef, stored: Uint8Array): void {
    if (this.pinned.wants(ref.hash) && this.room() > 0) return this.pinned.put(ref, stored)
    if (stored.length > this.#parts.maxBytes || this.has(ref)) return
    this.#hash.write(ref.hash, 'base64url')
    this.#writer.put(ref.hash, stored, this.#evictor.wasDropped(this.#hash) ? 'kept' : 'fresh')
  }

  adopt(blob: BlobId, path: string): void {
    const { clock, log, disk } = this.#parts
    this.packs
      .adopt(blob, path, clock.now())
      .then(() => this.makeRoom())
      .catch((error: unknown) => {
        const { code } = error as NodeJS.ErrnoException
        log.warn('a pack was not taken into the cache', { blob, code })
        try {
          disk.remove(path)
        } catch {
          // It stays where it was, or is gone.
        }
      })
  }

  /** Evicts until the limits are kept. */
  makeRoom(): Promise<void> {
    return this.#writer.inRow(() => this.#evictor.makeRoom(false))
  }

  /** The piece is wanted although it was not read from here. */
  touch(hash: PieceHash): void {
    this.#hash.write(hash, 'base64url')
    const slot = this.#index.find(this.#hash)
    if (slot !== undefined) this.#index.hit(slot)
  }

  /** Resolves when everything given before is written or given up. */
  async idle(): Promise<void> {
    await Promise.all([this.#writer.idle(), this.pinned.idle()])
  }

  /** Sees what is there now: others may have written, or deleted all of it. */
  look(): Promise<void> {
    return (this.#refreshing ??= this.#refresh())
  }

  async close(): Promise<void> {
    await this.#writer.inRow(() => this.#leave())
    await this.pinned.close()
    await this.#writer.close()
    await this.#refreshing
    for (const shelf of [this.#slabs, this.packs, this.whole]) shelf.close()
  }

  /** Others may have gone before their part was deleted. */
  async #leave(): Promise<void> {
    try {
      await this.look()
      await this.#evictor.makeRoom(false)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      this.#parts.log.debug('the cache was not cut to its size', { code })
    }
  }

  #fromPack(ref: PieceRef, into: Uint8Array | undefined): Uint8Array | undefined {
    const pack = this.packs.packOf(ref)
    if (!pack) return undefined
    const stored = into ?? Buffer.allocUnsafeSlow(ref.storedLength)
    if (!this.packs.read(pack, stored, ref.offset)) return undefined
    const known = pack.read.get(ref.offset)
    if (known?.hash === ref.hash && known.length === ref.storedLength) {
      known.hits++
      return stored
    }
    if (pieceHashOf(stored) !== ref.hash) {
      this.#damage(ref)
      this.packs.remove(pack)
      return undefined
    }
    pack.read.set(ref.offset, { hash: ref.hash, length: ref.storedLength, hits: 1 })
    return stored
  }

  #queued(hash: PieceHash): Uint8Array | undefined {
    return this.#writer.queued(hash) ?? this.pinned.queued(hash)
  }

  #damage({ blob, offset }: PieceRef): void {
    this.#damaged++
    this.#parts.log.warn('a cached copy was damaged and is dropped', { blob, offset })
  }

  #makeDirectories(): void {
    const { disk, directory } = this.#parts
    for (const name of ['pieces', 'packs']) disk.makeDirectory(join(directory, name))
  }

  /** What is written here may make others delete, and theirs us: neither may go on for long without a look. */
  async #lookIfDue(): Promise<void> {
    const written = this.#writer.written - this.#refreshedWritten
    if (this.#isStale || written > this.#parts.slabBytes) await this.look()
  }

  /** Bytes that may still be written to the disk. */
  room(): number {
    const { disk, directory, reserveBytes } = this.#parts
    try {
      return disk.freeBytes(directory) - reserveBytes
    } catch {
      return Infinity
    }
  }

  get #isStale(): boolean {
    return this.#parts.clock.now() - this.#refreshedAt >= refreshMs
  }

  #refreshSoon(): void {
    if (this.#isStale) void this.look()
  }

  async #refresh(): Promise<void> {
    this.#refreshedAt = this.#parts.clock.now()
    this.#refreshedWritten = this.#writer.written
    try {
      for (const shelf of [this.packs, this.whole]) shelf.refresh()
      await this.#slabs.refresh()
      await this.pinned.refresh()
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      this.#parts.log.debug('the cache directory cannot be read', { code })
    } finally {
      this.#refreshing = undefined
    }
  }
}
