import { LRUCache } from 'lru-cache'
import type { PieceHash } from '../terms/piece-hash.ts'

interface Kept {
  readonly bytes: Uint8Array
  /** What had moved when it was first used; -1 before. */
  usedAt: number
  /** It was protected once. */
  hot: boolean
}

/** What an entry costs besides its bytes. */
const entryBytes = 256
/** Of the memory, at most so much belongs to pieces that came to be used again. */
const protectedShare = 0.8
/** Uses of a piece while less than this share moved are one use: a reader that goes through it. */
const sameUseShare = 1 / 8

/**
 * Plain pieces in memory, bounded in bytes: a segmented LRU. What is read once passes through; what is used again, after
 * other pieces have come in between, is protected from that.
 */
export class MemoryPieces {
  readonly #maxBytes: number
  readonly #passing: LRUCache<PieceHash, Kept>
  readonly #protected: LRUCache<PieceHash, Kept>
  /** Bytes that were put in or came to be used again: a clock that stands still while one piece is read in steps. */
  #moved = 0

  /** `onEvict` is told of protected pieces that have to go after all. */
  constructor(maxBytes: number, onEvict: (hash: PieceHash) => void) {
    this.#maxBytes = maxBytes
    const sizeCalculation = ({ bytes }: Kept): number => bytes.length + entryBytes
    this.#passing = new LRUCache({
      maxSize: Math.max(1, maxBytes),
      sizeCalculation,
      dispose: ({ hot }, hash, reason) => {
        if (reason === 'evict' && hot) onEvict(hash)
      },
    })
    this.#protected = new LRUCache({
      maxSize: Math.max(1, Math.floor(maxBytes * protectedShare)),
      sizeCalculation,
      dispose: (kept, hash, reason) => {
        if (reason === 'evict') this.#passing.set(hash, kept)
      },
    })
  }

  get bytes(): number {
    return this.#passing.calculatedSize + this.#protected.calculatedSize
  }

  has(hash: PieceHash): boolean {
    return this.#protected.has(hash) || this.#passing.has(hash)
  }

  get(hash: PieceHash): Uint8Array | undefined {
    const hot = this.#protected.get(hash)
    if (hot) return hot.bytes
    const kept = this.#passing.get(hash)
    if (!kept) return undefined
    if (kept.usedAt < 0) kept.usedAt = this.#moved
    else if (this.#moved - kept.usedAt > this.#maxBytes * sameUseShare) this.#protect(hash, kept)
    return kept.bytes
  }

  /** Keeps bytes; a view of a much larger buffer is copied, so that it does not hold on to it. */
  put(hash: PieceHash, bytes: Uint8Array): void {
    if (this.has(hash)) return
    this.#moved += bytes.length + entryBytes
    this.#passing.set(hash, { bytes: owned(bytes), usedAt: -1, hot: false })
    this.#trim()
  }

  #protect(hash: PieceHash, kept: Kept): void {
    kept.hot = true
    this.#moved += kept.bytes.length + entryBytes
    this.#passing.delete(hash)
    this.#protected.set(hash, kept)
    this.#trim()
  }

  #trim(): void {
    while (this.bytes > this.#maxBytes && this.#passing.size > 0) this.#passing.pop()
  }
}

function owned(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength > bytes.length + entryBytes ? Uint8Array.from(bytes) : bytes
}
