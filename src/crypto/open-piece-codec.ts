import { Compression, Seal } from '../terms/piece-coding.ts'
import { compress, decompress } from './compression.ts'
import type { PieceCodec, PieceCoding } from './piece-codec.ts'
import { PieceCodingError } from './piece-codec.ts'
import { keyBytes, open, seal } from './sealing.ts'

export interface PieceCodecOptions {
  /** The drive's key, 32 bytes. With it every piece is sealed, and only sealed ones are opened. @default none */
  readonly key?: Uint8Array
}

/** Pieces compressed with zstd and, where there is a key, sealed with AES-256-GCM. */
export function openPieceCodec({ key }: PieceCodecOptions = {}): PieceCodec {
  if (key && key.length !== keyBytes) {
    throw new RangeError(`a drive's key has ${keyBytes} bytes, not ${key.length}`)
  }
  return {
    encode: (plain) => encodePiece(plain, compress(plain), key),
    encodeWhole: (plain) => encodePiece(plain, undefined, key),
    decode: (coding, stored) => decodePiece(coding, stored, key),
  }
}

function encodePiece(
  plain: Uint8Array,
  frame: Uint8Array | undefined,
  key: Uint8Array | undefined,
): PieceCoding & { readonly stored: Uint8Array } {
  const compression = frame ? Compression.zstd : Compression.none
  const coding = { compression, length: plain.length }
  const bytes = frame ?? plain
  if (!key) return { ...coding, seal: Seal.none, stored: bytes }
  return { ...coding, seal: Seal.aes256gcm, stored: seal(key, coding, bytes) }
}

function decodePiece(
  coding: PieceCoding,
  stored: Uint8Array,
  key: Uint8Array | undefined,
): Uint8Array {
  const bytes = opened(coding, stored, key)
  switch (coding.compression) {
    case Compression.zstd:
      return decompress(bytes, coding.length)
    case Compression.none:
      if (bytes.length === coding.length) return bytes
      throw new PieceCodingError(`a piece has ${bytes.length} bytes, not ${coding.length}`)
    default:
      throw new PieceCodingError(`unknown compression ${String(coding.compression)}`)
  }
}

function opened(coding: PieceCoding, stored: Uint8Array, key: Uint8Array | undefined): Uint8Array {
  switch (coding.seal) {
    case Seal.aes256gcm:
      if (key) return open(key, coding, stored)
      throw new PieceCodingError('the piece is sealed and there is no key')
    case Seal.none:
      if (!key) return stored
      throw new PieceCodingError('the piece is not sealed, as all pieces of this drive are')
    default:
      throw new PieceCodingError(`unknown seal ${String(coding.seal)}`)
  }
}
