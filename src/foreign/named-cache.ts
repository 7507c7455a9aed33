import type { CacheStats, PieceCache } from '../cache/piece-cache.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { pieceHashOf } from '../terms/piece-hash.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { NamedHashes } from './named-hashes.ts'
import { isNamed } from './named-pieces.ts'

/**
 * A piece cache for named pieces, too: in memory they go by their names, on the disk by the hash of what they turned out to be. So
 * one cache serves drives and everything else, and a copy on the disk is checked like any other.
 */
export class NamedCache implements PieceCache {
  readonly #inner: PieceCache
  readonly #hashes: NamedHashes

  constructor(inner: PieceCache, hashes: NamedHashes) {
    this.#inner = inner
    this.#hashes = hashes
  }

  get stats(): CacheStats {
    return this.#inner.stats
  }

  plain(ref: PieceRef): Uint8Array | undefined {
    return this.#inner.plain(ref)
  }

  has(ref: PieceRef): boolean {
    if (this.#inner.has(ref)) return true
    const stored = this.#storedRef(ref)
    return stored !== undefined && stored !== ref && this.#inner.has(stored)
  }

  stored(ref: PieceRef): Uint8Array | undefined {
    return this.#inner.stored(this.#storedRef(ref) ?? ref)
  }

  readStored(ref: PieceRef, into: Uint8Array): boolean {
    return this.#inner.readStored(this.#storedRef(ref) ?? ref, into)
  }

  async recheck(ref: PieceRef): Promise<boolean | undefined> {
    const stored = this.#storedRef(ref)
    return stored && this.#inner.recheck(stored)
  }

  willNeed(ref: PieceRef): void {
    const stored = this.#storedRef(ref)
    if (stored) this.#inner.willNeed(stored)
  }

  keepPlain(ref: PieceRef, plain: Uint8Array): void {
    this.#inner.keepPlain(ref, plain)
  }

  keepStored(ref: PieceRef, bytes: Uint8Array): void {
    if (!isNamed(ref)) return this.#inner.keepStored(ref, bytes)
    const hash = pieceHashOf(bytes)
    this.#hashes.put(ref.hash, hash)
    this.#inner.keepStored({ ...ref, hash }, bytes)
  }

  adoptPack(blob: BlobId, path: string): void {
    this.#inner.adoptPack(blob, path)
  }

  packFile(blob: BlobId): { readonly path: string; readonly bytes: number } | undefined {
    return this.#inner.packFile(blob)
  }

  async close(): Promise<void> {
    await this.#inner.close()
    this.#hashes.close()
  }

  /** How the disk knows it; undefined where that is not known. */
  #storedRef(ref: PieceRef): PieceRef | undefined {
    if (!isNamed(ref)) return ref
    const hash = this.#hashes.get(ref.hash)
    return hash === undefined ? undefined : { ...ref, hash }
  }
}
