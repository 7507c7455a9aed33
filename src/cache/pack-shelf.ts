import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import {
  type Descriptor,
  type Disk,
  readUpTo,
  readUpToLater,
  writeAllLater,
} from '../runtime/disk.ts'
import { type BlobId, parseBlobId } from '../terms/blob-id.ts'
import type { PieceHash } from '../terms/piece-hash.ts'
import type { PieceRef } from '../tree/piece-ref.ts'

/** A whole pack's file. */
export interface Pack {
  readonly blob: BlobId
  readonly name: string
  readonly path: string
  readonly madeMs: number
  readonly bytes: number
  /** Pieces that were read from it, by offset: their bytes have matched their hash. */
  readonly read: Map<number, ReadPiece>
}

export interface ReadPiece {
  readonly hash: PieceHash
  readonly length: number
  hits: number
}

/** Milliseconds and blob id. */
export const packName = /^(\d{13})-([A-Za-z0-9_-]{43})\.pack$/
const copyBytes = 1 << 20

/** Packs in a directory that several processes share. A pack may vanish at any time. */
export class PackShelf {
  readonly #disk: Disk
  readonly #directory: string
  readonly #packs = new Map<BlobId, Pack>()
  readonly #open: LRUCache<BlobId, Descriptor>
  #bytes = 0

  constructor(disk: Disk, directory: string, openFiles: number) {
    this.#disk = disk
    this.#directory = directory
    this.#open = new LRUCache({ max: openFiles, dispose: (file) => disk.close(file) })
  }

  get bytes(): number {
    return this.#bytes
  }

  get packs(): Iterable<Pack> {
    return this.#packs.values()
  }

  get(blob: BlobId): Pack | undefined {
    return this.#packs.get(blob)
  }

  /** The pack of a blob, if the piece lies in what there is of it. */
  packOf(ref: PieceRef): Pack | undefined {
    const pack = this.#packs.get(ref.blob)
    return pack && ref.offset + ref.storedLength <= pack.bytes ? pack : undefined
  }

  /** Moves a file in, copying it where it lies on another disk. Throws errors of the system calls. */
  async adopt(blob: BlobId, path: string, nowMs: number): Promise<void> {
    if (this.#packs.has(blob)) {
      this.#disk.remove(path)
      return
    }
    const name = `${String(nowMs).padStart(13, '0')}-${blob}.pack`
    const target = join(this.#directory, name)
    try {
      this.#disk.rename(path, target)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EXDEV') await this.#copy(path, target)
      else if (code === 'ENOENT') {
        this.#disk.makeDirectory(this.#directory)
        this.#disk.rename(path, target)
      } else throw error
    }
    this.#take(name)
  }

  /** Fills the buffer from a pack; false when it is too short or gone. */
  read(pack: Pack, into: Uint8Array, position: number): boolean {
    try {
      return readUpTo(this.#disk, this.#file(pack), into, position) === into.length
    } catch {
      this.drop(pack)
      return false
    }
  }

  /** These bytes are read soon. */
  willNeed(pack: Pack, position: number, bytes: number): void {
    try {
      this.#disk.willNeed(this.#file(pack), position, bytes)
    } catch {
      this.drop(pack)
    }
  }

  /** {@link read} in another thread. */
  async readLater(pack: Pack, into: Buffer, position: number): Promise<boolean> {
    try {
      const file = this.#disk.open(pack.path, 'read')
      try {
        return (await readUpToLater(this.#disk, file, into, position)) === into.length
      } finally {
        this.#disk.close(file)
      }
    } catch {
      this.drop(pack)
      return false
    }
  }

  drop(pack: Pack): void {
    if (this.#packs.get(pack.blob) !== pack) return
    this.#packs.delete(pack.blob)
    this.#open.delete(pack.blob)
    this.#bytes -= pack.bytes
  }

  /** Deletes a pack. */
  remove(pack: Pack): void {
    this.drop(pack)
    try {
      this.#disk.remove(pack.path)
    } catch {
      // Another process was faster, or nothing can be deleted there; it is not used any more.
    }
  }

  /** Looks which packs are there. */
  refresh(): void {
    const names = new Set(this.#disk.list(this.#directory))
    for (const pack of this.#packs.values()) {
      if (!names.has(pack.name)) this.drop(pack)
    }
    for (const name of names) this.#take(name)
  }

  close(): void {
    this.#open.clear()
  }

  #file(pack: Pack): Descriptor {
    let file = this.#open.get(pack.blob)
    if (file === undefined) {
      file = this.#disk.open(pack.path, 'read')
      this.#open.set(pack.blob, file)
    }
    return file
  }

  #take(name: string): void {
    const [, madeMs, id] = packName.exec(name) ?? []
    if (id === undefined) return
    try {
      const blob = parseBlobId(id)
      if (this.#packs.has(blob)) return
      const path = join(this.#directory, name)
      const file = this.#disk.open(path, 'read')
      const bytes = this.#disk.size(file)
      this.#open.set(blob, file)
      this.#packs.set(blob, { blob, name, path, madeMs: Number(madeMs), bytes, read: new Map() })
      this.#bytes += bytes
    } catch {
      // Gone again, or not ours.
    }
  }

  async #copy(path: string, target: string): Promise<void> {
    const source = this.#disk.open(path, 'read')
    try {
      const file = this.#disk.open(`${target}.new`, 'create')
      try {
        const buffer = Buffer.allocUnsafe(copyBytes)
        for (let at = 0; ;) {
          const count = await readUpToLater(this.#disk, source, buffer, at)
          if (count === 0) break
          await writeAllLater(this.#disk, file, buffer.subarray(0, count), at)
          at += count
        }
      } finally {
        this.#disk.close(file)
      }
    } finally {
      this.#disk.close(source)
    }
    this.#disk.rename(`${target}.new`, target)
    this.#disk.remove(path)
  }
}
