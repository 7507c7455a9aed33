import { createCipheriv, createDecipheriv, type Cipher } from 'node:crypto'
import { freeBytes } from '../runtime/free-bytes.ts'

export const xaesKeyBytes = 32
export const xaesNonceBytes = 24
export const xaesTagBytes = 16

const blockBytes = 16
const halfBytes = 12
const noIv = null

/**
 * XAES-256-GCM as https://c2sp.org/XAES-256-GCM has it: AES-256-GCM under a key of its own for each message, derived from the
 * key and the first half of a 192-bit nonce. Random nonces are safe for 2^80 messages.
 */
export class Xaes {
  /** AES of single blocks, which keeps nothing between them. */
  readonly #blocks: Cipher
  /** The subkey K1 of CMAC. */
  readonly #mask: Buffer
  readonly #inputs = Buffer.alloc(2 * blockBytes)

  /** `key`: 32 bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== xaesKeyBytes) throw new RangeError(`a key of ${key.length} bytes`)
    this.#blocks = createCipheriv('aes-256-ecb', key, noIv).setAutoPadding(false)
    this.#mask = doubled(this.#blocks.update(Buffer.alloc(blockBytes)))
  }

  /** Nonce, ciphertext, tag. */
  seal(nonce: Uint8Array, additional: Uint8Array, plain: Uint8Array): Buffer {
    const sealing = createCipheriv('aes-256-gcm', this.#keyFor(nonce), nonce.subarray(halfBytes))
    sealing.setAAD(additional)
    const text = sealing.update(plain)
    const whole = Buffer.concat([nonce, text, sealing.final(), sealing.getAuthTag()])
    freeBytes(text)
    return whole
  }

  /** The inverse; undefined for bytes that were not sealed with this key and additional data. */
  open(additional: Uint8Array, sealed: Uint8Array): Buffer | undefined {
    const end = sealed.length - xaesTagBytes
    if (end < xaesNonceBytes) return undefined
    const nonce = sealed.subarray(0, xaesNonceBytes)
    const key = this.#keyFor(nonce)
    const opening = createDecipheriv('aes-256-gcm', key, nonce.subarray(halfBytes))
    opening.setAAD(additional)
    opening.setAuthTag(sealed.subarray(end))
    const plain = opening.update(sealed.subarray(xaesNonceBytes, end))
    try {
      opening.final()
      return plain
    } catch {
      return undefined
    }
  }

  #keyFor(nonce: Uint8Array): Buffer {
    if (nonce.length !== xaesNonceBytes) throw new RangeError(`a nonce of ${nonce.length} bytes`)
    for (const [i, at] of [0, blockBytes].entries()) {
      this.#inputs.fill(0, at, at + blockBytes)
      this.#inputs[at + 1] = i + 1
      this.#inputs[at + 2] = 0x58
      this.#inputs.set(nonce.subarray(0, halfBytes), at + 4)
      for (let j = 0; j < blockBytes; j++) this.#inputs[at + j]! ^= this.#mask[j]!
    }
    return this.#blocks.update(this.#inputs)
  }
}

/** Doubling in GF(2^128), as CMAC makes its subkeys (RFC 4493, 2.3). */
function doubled(block: Buffer): Buffer {
  const result = Buffer.alloc(blockBytes)
  for (let i = 0; i < blockBytes; i++) {
    result[i] = (block[i]! << 1) | ((block[i + 1] ?? 0) >> 7)
  }
  if (block[0]! & 0x80) result[blockBytes - 1]! ^= 0x87
  return result
}
