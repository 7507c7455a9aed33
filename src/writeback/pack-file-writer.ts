import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import { type Descriptor, type Disk, localDisk, readUpTo } from '../runtime/disk.ts'
import { freeBytes } from '../runtime/free-bytes.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { pieceHashOf } from '../terms/piece-hash.ts'
import {
  encodePackIndex,
  encodePackTrailer,
  packTrailerBytes,
  PieceUse,
  type IndexedPiece,
} from '../tree/format/pack-format.ts'
import type { PartSource, PlacedPiece, StoredPiece } from './pack-job.ts'

/** Bytes that a row of the index takes at most, compressed or not. */
const rowBytes = 64
/** The index's own head, and what sealing adds to it. */
const indexHeadBytes = 1024
/** Staging files kept open while a pack is written. */
const maxOpenSources = 64

/** Writes one pack file: pieces side by side, then the index, then the trailer (tree/README.md). */
export class PackFileWriter {
  readonly #path: string
  readonly #capacity: number
  readonly #codec: PieceCodec
  readonly #fd: number
  readonly #rows: IndexedPiece[] = []
  readonly #sources = new Map<string, Descriptor>()
  readonly #staging: Disk
  /** Plain bytes of the piece at hand: new memory for each would pile up faster than it is collected. */
  #plain = new Uint8Array(0)
  #end = 0

  /** The file must not exist. `staging`: what staging files are read with. */
  constructor(path: string, capacity: number, codec: PieceCodec, staging: Disk = localDisk) {
    this.#staging = staging
    this.#path = path
    this.#capacity = capacity
    this.#codec = codec
    this.#fd = openSync(path, 'wx', 0o600)
  }

  /** Adds pieces until one does not fit. */
  add(pieces: readonly (readonly PartSource[])[]): PlacedPiece[] {
    const placed: PlacedPiece[] = []
    for (const parts of pieces) {
      const coded = this.#codec.encode(this.#read(parts))
      const piece = this.#place(PieceUse.data, coded)
      // Neither compressed nor sealed, it is what was read.
      if (coded.stored.buffer !== this.#plain.buffer) freeBytes(coded.stored)
      if (!piece) break
      placed.push(piece)
    }
    return placed
  }

  /** Adds pieces as they are stored until one does not fit. */
  copy(pieces: readonly StoredPiece[]): PlacedPiece[] {
    const placed: PlacedPiece[] = []
    for (const { stored, compression, seal, length, use = PieceUse.data } of pieces) {
      const piece = this.#place(use, { stored, compression, seal, length })
      if (!piece) break
      placed.push(piece)
    }
    return placed
  }

  /** Adds a node or a root record; nothing when it does not fit. */
  put(kind: 'node' | 'root', plain: Uint8Array): PlacedPiece[] {
    const coded = kind === 'root' ? this.#codec.encodeWhole(plain) : this.#codec.encode(plain)
    const piece = this.#place(PieceUse[kind], coded)
    return piece ? [piece] : []
  }

  /** Ends the pack: it is on stable storage afterwards. Its length in bytes. */
  end(): number {
    const { stored, ...coding } = this.#codec.encodeAlike(encodePackIndex(this.#rows))
    const index = { ...coding, ...this.#here(stored) }
    this.#write(stored)
    this.#write(encodePackTrailer({ index }))
    fsyncSync(this.#fd)
    this.#close()
    return this.#end
  }

  discard(): void {
    this.#close()
    unlinkSync(this.#path)
  }

  #place(use: PieceUse, coded: ReturnType<PieceCodec['encode']>): PlacedPiece | undefined {
    const { stored, ...coding } = coded
    const reserved = packTrailerBytes + indexHeadBytes + rowBytes * (this.#rows.length + 1)
    if (this.#end + stored.length + reserved > this.#capacity) {
      if (this.#rows.length > 0) return undefined
      throw new Error(
        `a piece of ${stored.length} bytes does not fit into a pack of ${this.#capacity}`,
      )
    }
    const { blob: _, ...place } = this.#here(stored)
    const piece = { ...coding, ...place }
    this.#rows.push({ use, ref: { blob: self, ...piece } })
    this.#write(stored)
    return piece
  }

  #here(stored: Uint8Array): {
    blob: BlobId
    offset: number
    storedLength: number
    hash: PlacedPiece['hash']
  } {
    return { blob: self, offset: this.#end, storedLength: stored.length, hash: pieceHashOf(stored) }
  }

  #write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      at += writeSync(this.#fd, bytes, at, bytes.length - at, this.#end + at)
    }
    this.#end += bytes.length
  }

  /** The bytes are good until the next call. */
  #read(parts: readonly PartSource[]): Uint8Array {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    if (length > this.#plain.length) this.#plain = new Uint8Array(length)
    const bytes = this.#plain.subarray(0, length)
    let at = 0
    for (const part of parts) {
      readAll(this.#staging, this.#source(part.path), bytes.subarray(at, at + part.length), part)
      at += part.length
    }
    return bytes
  }

  #source(path: string): Descriptor {
    const known = this.#sources.get(path)
    if (known !== undefined) return known
    if (this.#sources.size >= maxOpenSources) this.#closeSources()
    const fd = this.#staging.open(path, 'read')
    this.#sources.set(path, fd)
    return fd
  }

  #closeSources(): void {
    for (const fd of this.#sources.values()) this.#staging.close(fd)
    this.#sources.clear()
  }

  #close(): void {
    this.#closeSources()
    closeSync(this.#fd)
  }
}

/** Stands for the pack itself: it has no id before it is whole. */
const self = 'self' as BlobId

function readAll(
  disk: Disk,
  file: Descriptor,
  into: Uint8Array,
  { path, position }: PartSource,
): void {
  if (readUpTo(disk, file, into, position) === into.length) return
  throw new Error(`the staging file ${path} ends before byte ${position + into.length}`)
}
