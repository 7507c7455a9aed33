import { Compression, Seal } from '../terms/piece-coding.ts'
import { compress, decompress } from './compression.ts'
import type { PieceCodec, PieceCoding } from './piece-codec.ts'
import { PieceCodingError } from './piece-codec.ts'
import { keyBytes, Sealer, type SealedAs } from './sealing.ts'

export interface PieceCodecOptions {
  /** The drive's key for pieces, 32 bytes. With it every piece is sealed, and only sealed ones are opened. @default none */
  readonly key?: Uint8Array | undefined
}

/** Pieces compressed with zstd and, where there is a key, sealed with XAES-256-GCM. */
export function openPieceCodec({ key }: PieceCodecOptions = {}): PieceCodec {
  if (!key) {
    const encode = (plain: Uint8Array) => encodePiece(plain, compress(plain))
    return {
      encode,
      encodeAlike: encode,
      encodeWhole: (plain) => encodePiece(plain, undefined),
      decode: (coding, stored) => decodePiece(coding, stored, undefined),
    }
  }
  if (key.length !== keyBytes) {
    throw new RangeError(`a drive's key has ${keyBytes} bytes, not ${key.length}`)
  }
  const sealer = new Sealer(key)
  const seal: Sealing = (as, bytes) => sealer.seal(as, bytes)
  const sealAlike: Sealing = (as, bytes) => sealer.sealAlike(as, bytes)
  return {
    encode: (plain) => encodePiece(plain, compress(plain), seal),
    encodeAlike: (plain) => encodePiece(plain, compress(plain), sealAlike),
    encodeWhole: (plain) => encodePiece(plain, undefined, seal),
    decode: (coding, stored) => decodePiece(coding, stored, sealer),
  }
}

type Sealing = (as: SealedAs, bytes: Uint8Array) => Uint8Array

function encodePiece(
  plain: Uint8Array,
  frame: Uint8Array | undefined,
  seal?: Sealing,
): PieceCoding & { readonly stored: Uint8Array } {
  const compression = frame ? Compression.zstd : Compression.none
  const coding = { compression, length: plain.length }
  const bytes = frame ?? plain
  if (!seal) return { ...coding, seal: Seal.none, stored: bytes }
  return { ...coding, seal: Seal.xaes256gcm, stored: seal(coding, bytes) }
}

function decodePiece(
  coding: PieceCoding,
  stored: Uint8Array,
  sealer: Sealer | undefined,
): Uint8Array {
  const bytes = opened(coding, stored, sealer)
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

function opened(coding: PieceCoding, stored: Uint8Array, sealer: Sealer | undefined): Uint8Array {
  switch (coding.seal) {
    case Seal.aes256gcm:
    case Seal.xaes256gcm:
      if (sealer) return sealer.open(coding.seal, coding, stored)
      throw new PieceCodingError('the piece is sealed and there is no key')
    case Seal.none:
      if (!sealer) return stored
      throw new PieceCodingError('the piece is not sealed, as all pieces of this drive are')
    default:
      throw new PieceCodingError(`unknown seal ${String(coding.seal)}`)
  }
}
