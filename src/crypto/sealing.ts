import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { Seal } from '../terms/piece-coding.ts'
import type { Compression } from '../terms/piece-coding.ts'
import { PieceCodingError } from './piece-codec.ts'
import { Xaes, xaesNonceBytes, xaesTagBytes } from './xaes.ts'

const cipher = 'aes-256-gcm'
export const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/** Begins the additional data of every seal. */
const purpose = 'walrusfs piece 1\0'
/** Names the key that nonces of pieces that must come out alike are made with. */
const nonceLabel = 'walrusfs nonces 1'

/** What a seal is bound to beside its bytes: it does not open as a piece that was coded in another way. */
export interface SealedAs {
  readonly compression: Compression
  /** Plain bytes of the piece, before compression. */
  readonly length: number
}

/** A seal makes bytes longer by so many. */
export function sealBytes(seal: Seal): number {
  switch (seal) {
    case Seal.none:
      return 0
    case Seal.aes256gcm:
      return nonceBytes + tagBytes
    case Seal.xaes256gcm:
      return xaesNonceBytes + xaesTagBytes
  }
}

/** Seals pieces with one key, with seal 2, and opens what was sealed with seal 1 or 2. */
export class Sealer {
  readonly #key: Uint8Array
  readonly #xaes: Xaes
  readonly #nonceKey: Uint8Array
  #nonces: Uint8Array = new Uint8Array(0)

  /** `key`: 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key
    this.#xaes = new Xaes(key)
    this.#nonceKey = new Uint8Array(hkdfSync('sha256', key, '', nonceLabel, keyBytes))
  }

  /** Under a random nonce. */
  seal(as: SealedAs, bytes: Uint8Array): Uint8Array {
    const additional = additionalData(Seal.xaes256gcm, as)
    return this.#xaes.seal(this.#nextNonce(), additional, bytes)
  }

  /** Random bytes are fetched for many at a time: each call of the system takes as long as a small piece. */
  #nextNonce(): Uint8Array {
    if (this.#nonces.length < xaesNonceBytes) this.#nonces = randomBytes(128 * xaesNonceBytes)
    const nonce = this.#nonces.subarray(0, xaesNonceBytes)
    this.#nonces = this.#nonces.subarray(xaesNonceBytes)
    return nonce
  }

  /** The same bytes give the same sealed ones: the nonce is made of them. */
  sealAlike(as: SealedAs, bytes: Uint8Array): Uint8Array {
    const additional = additionalData(Seal.xaes256gcm, as)
    const sum = createHmac('sha256', this.#nonceKey).update(additional).update(bytes).digest()
    return this.#xaes.seal(sum.subarray(0, xaesNonceBytes), additional, bytes)
  }

  /** The inverse. Throws PieceCodingError where key, bytes or `as` are not those that it was sealed with. */
  open(
    seal: typeof Seal.aes256gcm | typeof Seal.xaes256gcm,
    as: SealedAs,
    sealed: Uint8Array,
  ): Uint8Array {
    if (seal === Seal.aes256gcm) return open(this.#key, as, sealed)
    checkLength(seal, sealed)
    const bytes = this.#xaes.open(additionalData(seal, as), sealed)
    if (bytes) return bytes
    throw new PieceCodingError(doesNotOpen)
  }
}

const doesNotOpen = 'a sealed piece does not open: another key, or damaged'

/** Seal 1: nonce, ciphertext, tag. Read, and never written by a drive. */
export function seal(key: Uint8Array, as: SealedAs, bytes: Uint8Array): Uint8Array {
  const nonce = randomBytes(nonceBytes)
  const sealing = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes })
  sealing.setAAD(additionalData(Seal.aes256gcm, as))
  const text = sealing.update(bytes)
  return Buffer.concat([nonce, text, sealing.final(), sealing.getAuthTag()])
}

function open(key: Uint8Array, as: SealedAs, sealed: Uint8Array): Uint8Array {
  checkLength(Seal.aes256gcm, sealed)
  const nonce = sealed.subarray(0, nonceBytes)
  const opening = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes })
  opening.setAAD(additionalData(Seal.aes256gcm, as))
  opening.setAuthTag(sealed.subarray(sealed.length - tagBytes))
  try {
    const bytes = opening.update(sealed.subarray(nonceBytes, sealed.length - tagBytes))
    opening.final()
    return bytes
  } catch (error) {
    throw new PieceCodingError(doesNotOpen, { cause: error })
  }
}

function checkLength(seal: Seal, sealed: Uint8Array): void {
  const least = sealBytes(seal)
  if (sealed.length >= least) return
  throw new PieceCodingError(`a sealed piece has at least ${least} bytes, not ${sealed.length}`)
}

function additionalData(seal: Seal, { compression, length }: SealedAs): Uint8Array {
  const data = Buffer.alloc(purpose.length + 10)
  data.write(purpose, 'latin1')
  data[purpose.length] = seal
  data[purpose.length + 1] = compression
  data.writeBigUInt64LE(BigInt(length), purpose.length + 2)
  return data
}
