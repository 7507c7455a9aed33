import { hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { BlobId } from '../../src/terms/blob-id.ts'
import { Compression, Seal } from '../../src/terms/piece-coding.ts'
import { pieceHashOf } from '../../src/terms/piece-hash.ts'
import type { NodeSink, NodeSource, PackNaming } from '../../src/tree/node-source.ts'
import type { PieceRef } from '../../src/tree/piece-ref.ts'

/** Packs in memory. Reads are checked, counted, and answered in the same turn or, when `slow`, in a later one. */
export class MemoryPacks implements NodeSource {
  readonly packs = new Map<BlobId, Uint8Array>()
  reads = 0
  slow = false

  piece(ref: PieceRef): Uint8Array | Promise<Uint8Array> {
    this.reads++
    const bytes = this.bytesOf(ref)
    return this.slow ? setImmediate(bytes) : bytes
  }

  bytesOf(ref: PieceRef): Uint8Array {
    const pack = this.packs.get(ref.blob)
    if (!pack) throw new Error(`no pack ${ref.blob}`)
    const bytes = pack.subarray(ref.offset, ref.offset + ref.storedLength)
    if (pieceHashOf(bytes) !== ref.hash) throw new Error(`a piece of ${ref.blob} has another hash`)
    return bytes
  }
}

/** The end of an open pack's placeholder. */
const openMark = ' open'

/** Fills packs of at most `packBytes`, one after the other. */
export class PackSink implements NodeSink {
  readonly #to: MemoryPacks
  readonly #packBytes: number
  readonly #closed = new Map<BlobId, BlobId>()
  #open: Uint8Array[] = []
  #length = 0
  #number = 0
  puts = 0

  constructor(to: MemoryPacks, packBytes = 200_000) {
    this.#to = to
    this.#packBytes = packBytes
  }

  put(encode: (naming: PackNaming) => Uint8Array): PieceRef {
    this.puts++
    const bytes = encode(this.#naming)
    if (this.#length + bytes.length <= this.#packBytes || this.#length === 0) return this.add(bytes)
    this.close()
    return this.add(encode(this.#naming))
  }

  /** Stores plain bytes as they are, a piece of a file for example. */
  add(bytes: Uint8Array): PieceRef {
    const ref = {
      blob: this.#placeholder,
      offset: this.#length,
      storedLength: bytes.length,
      length: bytes.length,
      hash: pieceHashOf(bytes),
      compression: Compression.none,
      seal: Seal.none,
    }
    this.#open.push(bytes)
    this.#length += bytes.length
    return ref
  }

  close(): void {
    const pack = Buffer.concat([
      Buffer.from(`pack ${this.#to.packs.size} ${this.#number}`),
      ...this.#open,
    ])
    const id = hash('sha256', pack, 'base64url') as BlobId
    this.#to.packs.set(id, pack.subarray(pack.length - this.#length))
    this.#closed.set(this.#placeholder, id)
    this.#open = []
    this.#length = 0
    this.#number++
  }

  /** To be called after `close`. */
  resolve(ref: PieceRef): PieceRef {
    return { ...ref, blob: this.idOf(ref.blob) }
  }

  idOf(blob: BlobId): BlobId {
    if (!blob.endsWith(openMark)) return blob
    const id = this.#closed.get(blob)
    if (!id) throw new Error(`${blob} is not closed`)
    return id
  }

  get #placeholder(): BlobId {
    return `${this.#number}${openMark}` as BlobId
  }

  readonly #naming: PackNaming = (ref) => {
    return ref.blob === this.#placeholder ? 'self' : this.idOf(ref.blob)
  }
}
