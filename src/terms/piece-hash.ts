import { hash } from 'node:crypto'

/** SHA-256 of a piece's stored bytes: base64url without padding, 43 characters. */
export type PieceHash = string & { readonly __brand: 'PieceHash' }

/** Hashes stored bytes. */
export function pieceHashOf(stored: Uint8Array): PieceHash {
  return hash('sha256', stored, 'base64url') as PieceHash
}

/** The hash of 32 raw bytes. */
export function pieceHashFromBytes(bytes: Uint8Array): PieceHash {
  if (bytes.length !== 32) throw new RangeError(`a piece hash has 32 bytes, not ${bytes.length}`)
  return Buffer.from(bytes.buffer, bytes.byteOffset, 32).toString('base64url') as PieceHash
}

/** The 32 raw bytes of a hash. */
export function pieceHashBytes(piece: PieceHash): Uint8Array {
  return Buffer.from(piece, 'base64url')
}
