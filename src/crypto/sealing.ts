import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { Seal } from '../terms/piece-coding.ts'
import type { Compression } from '../terms/piece-coding.ts'
import { PieceCodingError } from './piece-codec.ts'

const cipher = 'aes-256-gcm'
export const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
/** A seal makes bytes longer by so many. */
export const sealBytes = nonceBytes + tagBytes

/** Begins the additional data of every seal. */
const purpose = 'walrusfs piece 1\0'

/** What a seal is bound to beside its bytes: it does not open as a piece that was coded in another way. */
export interface SealedAs {
  readonly compression: Compression
  /** Plain bytes of the piece, before compression. */
  readonly length: number
}

/** Seals bytes: nonce, ciphertext, tag. */
export function seal(key: Uint8Array, as: SealedAs, bytes: Uint8Array): Uint8Array {
  const nonce = randomBytes(nonceBytes)
  const sealing = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes })
  sealing.setAAD(additionalData(as))
  const text = sealing.update(bytes)
  return Buffer.concat([nonce, text, sealing.final(), sealing.getAuthTag()])
}

/** The inverse. Throws PieceCodingError where key, bytes or `as` are not those that it was sealed with. */
export function open(key: Uint8Array, as: SealedAs, sealed: Uint8Array): Uint8Array {
  if (sealed.length < sealBytes) {
    throw new PieceCodingError(
      `a sealed piece has at least ${sealBytes} bytes, not ${sealed.length}`,
    )
  }
  const nonce = sealed.subarray(0, nonceBytes)
  const opening = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes })
  opening.setAAD(additionalData(as))
  opening.setAuthTag(sealed.subarray(sealed.length - tagBytes))
  try {
    const bytes = opening.update(sealed.subarray(nonceBytes, sealed.length - tagBytes))
    opening.final()
    return bytes
  } catch (error) {
    throw new PieceCodingError('a sealed piece does not open: another key, or damaged', {
      cause: error,
    })
  }
}

function additionalData({ compression, length }: SealedAs): Uint8Array {
  const data = Buffer.alloc(purpose.length + 10)
  data.write(purpose, 'latin1')
  data[purpose.length] = Seal.aes256gcm
  data[purpose.length + 1] = compression
  data.writeBigUInt64LE(BigInt(length), purpose.length + 2)
  return data
}
