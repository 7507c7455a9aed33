import type { Compression, Seal } from '../terms/piece-coding.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { PieceHash } from '../terms/piece-hash.ts'

/**
 * Where a piece lies and how its bytes are checked and read. Stored bytes = seal(compress(plain bytes));
 * the hash is of the stored bytes, so that they can be checked by whoever has no key.
 */
export interface PieceRef {
  /** The pack. In the encoded form a reference into the same pack says `self`; here it is absolute. */
  readonly blob: BlobId
  /** First byte in the pack's (unencoded) bytes. */
  readonly offset: number
  /** Bytes in the pack. */
  readonly storedLength: number
  /** Plain bytes. */
  readonly length: number
  readonly hash: PieceHash
  readonly compression: Compression
  readonly seal: Seal
}

/** A run of at most this many bytes of one file, aligned at a multiple of it in the file, makes a piece. */
export const pieceBytes = 1 << 20

/** No piece is longer, stored or plain: whoever reads one makes room for all of it. */
export const maxPieceBytes = 16 << 20
