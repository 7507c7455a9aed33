import { type Clock, systemClock } from '../runtime/clock.ts'
import { type Disk, localDisk } from '../runtime/disk.ts'
import { type Log, silentLog } from '../runtime/log.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import { DiskPieces } from './disk-pieces.ts'
import { MemoryPieces } from './memory-pieces.ts'
import type { CacheStats, PieceCache } from './piece-cache.ts'
import type { PinnedPieces } from './pinned-pieces.ts'
import { isChecked } from './recheck.ts'
import type { WholeShelf } from './whole-shelf.ts'

export interface CacheOptions {
  /** Plain pieces in memory. @default 256 MiB */
  readonly memoryBytes?: number
  /** Stored pieces and packs on the disk, of all processes that share the directory. @default 10 GiB */
  readonly diskBytes?: number
  /** So much stays free on the disk. @default 512 MiB */
  readonly reserveBytes?: number
  /** A file of pieces. @default 64 MiB, less for a small cache */
  readonly slabBytes?: number
  /** Files held open, of slabs and of packs each. @default 64 */
  readonly openFiles?: number
  /** Whose pieces `pinned` keeps: a name for a directory. @default nobody's */
  readonly owner?: string
  /** @default the machine's own */
  readonly disk?: Disk
  /** @default the machine's own */
  readonly clock?: Clock
  /** @default none */
  readonly log?: Log
}

/** Plain pieces in memory over stored pieces in a directory that several processes share and anybody may delete. */
export class MemoryOverDiskCache implements PieceCache {
  readonly #memory: MemoryPieces
  readonly #disk: DiskPieces
  #memoryHits = 0
  #diskHits = 0
  #misses = 0

  private constructor(memoryBytes: number, disk: DiskPieces) {
    this.#memory = new MemoryPieces(memoryBytes, (hash) => this.#disk.touch(hash))
    this.#disk = disk
  }

  /** Never fails: a directory that cannot be used is an empty cache, with a warning in the log. */
  static async open(directory: string, options: CacheOptions = {}): Promise<MemoryOverDiskCache> {
    const maxBytes = options.diskBytes ?? 10 * 2 ** 30
    const disk = await DiskPieces.open({
      directory,
      maxBytes,
      disk: options.disk ?? localDisk,
      clock: options.clock ?? systemClock,
      log: (options.log ?? silentLog).room('cache'),
      reserveBytes: options.reserveBytes ?? 512 << 20,
      slabBytes: options.slabBytes ?? Math.min(64 << 20, Math.max(1 << 20, maxBytes / 64)),
      openFiles: options.openFiles ?? 64,
      owner: options.owner ?? 'nobody',
    })
    return new MemoryOverDiskCache(options.memoryBytes ?? 256 << 20, disk)
  }

  get stats(): CacheStats {
    return {
      memoryBytes: this.#memory.bytes,
      diskBytes: this.#disk.bytes,
      memoryHits: this.#memoryHits,
      diskHits: this.#diskHits,
      misses: this.#misses,
      damaged: this.#disk.damaged,
    }
  }

  /** Whole files for the kernel, in a part of the disk's bytes. */
  get whole(): WholeShelf {
    return this.#disk.whole
  }

  /** What is kept on the disk whatever has to go. */
  get pinned(): PinnedPieces {
    return this.#disk.pinned
  }

  /** The piece lies on the disk, as far as is known without reading it. */
  isOnDisk(ref: PieceRef): boolean {
    return this.#disk.has(ref)
  }

  /** The copy that would be read has been compared with its hash by this process. */
  isVerified(ref: PieceRef): boolean {
    const { shelves, pinned } = this.#disk
    return this.#memory.has(ref.hash) || isChecked(shelves, ref) || pinned.isChecked(ref)
  }

  /** Stored bytes from the disk, checked, for somebody who does not use them: counted nowhere. */
  copyOf(ref: PieceRef): Uint8Array | undefined {
    return this.#disk.get(ref)
  }

  /** Sees what is on the disk now: others may have written, or deleted all of it. */
  look(): Promise<void> {
    return this.#disk.look()
  }

  /** Bytes that may still be written to the disk; below 0 when what stays free is used up. */
  get room(): number {
    return this.#disk.room()
  }

  /** Evicts until the disk's limits are kept. */
  makeRoom(): Promise<void> {
    return this.#disk.makeRoom()
  }

  plain(ref: PieceRef): Uint8Array | undefined {
    const bytes = this.#memory.get(ref.hash)
    // Another length: somebody's reference to the same stored bytes says that they decode to something else.
    if (bytes?.length !== ref.length) return undefined
    this.#memoryHits++
    return bytes
  }

  has(ref: PieceRef): boolean {
    return this.#memory.has(ref.hash) || this.#disk.has(ref)
  }

  stored(ref: PieceRef): Uint8Array | undefined {
    return this.#counted(this.#disk.get(ref))
  }

  readStored(ref: PieceRef, into: Uint8Array): boolean {
    return this.#counted(this.#disk.get(ref, into)) !== undefined
  }

  recheck(ref: PieceRef): Promise<boolean | undefined> {
    return this.#disk.recheck(ref)
  }

  willNeed(ref: PieceRef): void {
    if (!this.#memory.has(ref.hash)) this.#disk.willNeed(ref)
  }

  #counted(stored: Uint8Array | undefined): Uint8Array | undefined {
    if (stored) this.#diskHits++
    else this.#misses++
    return stored
  }

  keepPlain(ref: PieceRef, plain: Uint8Array): void {
    this.#memory.put(ref.hash, plain)
  }

  keepStored(ref: PieceRef, stored: Uint8Array): void {
    this.#disk.put(ref, stored)
  }

  adoptPack(blob: BlobId, path: string): void {
    this.#disk.adopt(blob, path)
  }

  packFile(blob: BlobId): { readonly path: string; readonly bytes: number } | undefined {
    return this.#disk.packs.get(blob)
  }

  /** Resolves when everything kept before is on the disk or given up. */
  idle(): Promise<void> {
    return this.#disk.idle()
  }

  close(): Promise<void> {
    return this.#disk.close()
  }
}
