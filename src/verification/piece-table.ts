import type { BlobId } from '../terms/blob-id.ts'
import { pieceHashBytes, pieceHashFromBytes, type PieceHash } from '../terms/piece-hash.ts'
import type { PieceUse } from '../tree/format/pack-format.ts'
import type { PieceRef } from '../tree/piece-ref.ts'

/** A piece of a pack, as far as it takes to read and check it. */
export interface StoredPiece {
  readonly offset: number
  /** Stored bytes. */
  readonly length: number
  readonly hash: PieceHash
  readonly use: PieceUse
}

/** f64 offset, f64 length, u8 use, hash. */
const rowBytes = 49
const firstRows = 32

/** The pieces of one pack, each once: 49 bytes a piece, for a drive of millions. */
export class PieceTable {
  readonly blob: BlobId
  #rows = Buffer.allocUnsafeSlow(firstRows * rowBytes)
  #count = 0

  constructor(blob: BlobId) {
    this.blob = blob
  }

  add({ offset, storedLength, hash }: PieceRef, use: PieceUse): void {
    if ((this.#count + 1) * rowBytes > this.#rows.length) this.#makeRoom()
    const at = this.#count++ * rowBytes
    this.#rows.writeDoubleBE(offset, at)
    this.#rows.writeDoubleBE(storedLength, at + 8)
    this.#rows.writeUInt8(use, at + 16)
    this.#rows.set(pieceHashBytes(hash), at + 17)
  }

  /** Stored bytes of all of them. */
  get bytes(): number {
    this.#tidyUp()
    let sum = 0
    for (let i = 0; i < this.#count; i++) sum += this.#row(i).readDoubleBE(8)
    return sum
  }

  /** By offset. */
  pieces(): StoredPiece[] {
    this.#tidyUp()
    return Array.from({ length: this.#count }, (_, i) => {
      const row = this.#row(i)
      return {
        offset: row.readDoubleBE(0),
        length: row.readDoubleBE(8),
        use: row.readUInt8(16) as PieceUse,
        hash: pieceHashFromBytes(row.subarray(17)),
      }
    })
  }

  #row(index: number): Buffer {
    return this.#rows.subarray(index * rowBytes, (index + 1) * rowBytes)
  }

  #makeRoom(): void {
    this.#tidyUp()
    if (this.#count * rowBytes * 2 <= this.#rows.length) return
    const larger = Buffer.allocUnsafeSlow(this.#rows.length * 2)
    this.#rows.copy(larger, 0, 0, this.#count * rowBytes)
    this.#rows = larger
  }

  /** Sorts, and drops what is there twice: big-endian numbers that are not negative are in the order of their bytes. */
  #tidyUp(): void {
    const order = Array.from({ length: this.#count }, (_, i) => i)
    order.sort((a, b) => Buffer.compare(this.#row(a), this.#row(b)))
    const sorted = Buffer.allocUnsafeSlow(this.#rows.length)
    let count = 0
    for (const index of order) {
      const row = this.#row(index)
      const before = sorted.subarray((count - 1) * rowBytes, count * rowBytes)
      if (count > 0 && before.equals(row)) continue
      row.copy(sorted, count++ * rowBytes)
    }
    this.#rows = sorted
    this.#count = count
  }
}

/** The pieces that snapshots need, by pack. */
export class WantedPieces {
  readonly #tables = new Map<BlobId, PieceTable>()

  add(ref: PieceRef, use: PieceUse): void {
    let table = this.#tables.get(ref.blob)
    if (!table) this.#tables.set(ref.blob, (table = new PieceTable(ref.blob)))
    table.add(ref, use)
  }

  get packs(): readonly PieceTable[] {
    return [...this.#tables.values()]
  }
}
