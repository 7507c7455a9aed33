import type { BlobId } from '../terms/blob-id.ts'
import type { PieceRef } from '../tree/piece-ref.ts'

/**
 * Copies of pieces that may be lost at any time. Holds plain bytes in memory and stored bytes on the disk, keyed by
 * the piece's hash. Answers in the same turn.
 */
export interface PieceCache {
  /** Plain bytes of a piece from memory; undefined when they are not there. Do not change them. */
  plain(ref: PieceRef): Uint8Array | undefined
  /** The piece is in memory or, as far as is known without reading it, on the disk. */
  has(ref: PieceRef): boolean
  /** Stored bytes from the disk, checked against the hash (a damaged copy is dropped and not given). */
  stored(ref: PieceRef): Uint8Array | undefined
  /** The same into a buffer of their length; false when they are not there, and anything may be in it then. */
  readStored(ref: PieceRef, into: Uint8Array): boolean
  /**
   * Reads the copy on the disk again, all of it, whatever was checked before: whether it is right (a damaged one is dropped);
   * undefined where there is none.
   */
  recheck(ref: PieceRef): Promise<boolean | undefined>
  /** A piece that lies on the disk, and not in memory, is read soon: the disk may begin. */
  willNeed(ref: PieceRef): void
  /** Keeps plain bytes in memory. */
  keepPlain(ref: PieceRef, plain: Uint8Array): void
  /** Keeps stored bytes on the disk, behind the caller's back. A full or failing disk is not an error. */
  keepStored(ref: PieceRef, stored: Uint8Array): void
  /** Takes over the file of a whole pack (moves it, or copies it behind the caller's back where it lies on another disk): pieces of this blob are then found in it. */
  adoptPack(blob: BlobId, path: string): void
  /** The file of a whole pack that was taken over and is still here. Nobody has checked its bytes, and it may vanish. */
  packFile(blob: BlobId): { readonly path: string; readonly bytes: number } | undefined
  readonly stats: CacheStats
  close(): Promise<void>
}

export interface CacheStats {
  readonly memoryBytes: number
  readonly diskBytes: number
  readonly memoryHits: number
  readonly diskHits: number
  readonly misses: number
  /** Copies that did not match their hash. */
  readonly damaged: number
}
