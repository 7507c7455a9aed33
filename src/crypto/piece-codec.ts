import type { Compression, Seal } from '../terms/piece-coding.ts'

/** How a piece was made small and sealed, and the length of its plain bytes. */
export interface PieceCoding {
  readonly compression: Compression
  readonly seal: Seal
  /** Plain bytes. */
  readonly length: number
}

/** Plain bytes to stored bytes and back. Synchronous and pure but for the nonce. */
export interface PieceCodec {
  /** Compresses where that gains, then seals where the drive is sealed. May return the given bytes themselves. */
  encode(plain: Uint8Array): PieceCoding & { readonly stored: Uint8Array }
  /**
   * The same, and the same plain bytes give the same stored ones even where they are sealed: for a pack's index, which has to
   * come out again as it was.
   */
  encodeAlike(plain: Uint8Array): PieceCoding & { readonly stored: Uint8Array }
  /** The same without compression, for a piece whose plain length must follow from its stored one. */
  encodeWhole(plain: Uint8Array): PieceCoding & { readonly stored: Uint8Array }
  /**
   * The inverse. Throws PieceCodingError when the bytes do not open or have another length; never allocates more than
   * `coding.length` and a little.
   */
  decode(coding: PieceCoding, stored: Uint8Array): Uint8Array
}

/** Stored bytes that cannot be turned back into plain ones: a wrong key, or damaged. */
export class PieceCodingError extends Error {
  override readonly name = 'PieceCodingError'
}
