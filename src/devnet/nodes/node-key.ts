import { hkdfSync } from 'node:crypto'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { LRUCache } from 'lru-cache'

const scheme = bls12_381.longSignatures
const domain = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_'
type MessagePoint = ReturnType<typeof scheme.hash>

/**
 * Message points by message: hashing to the curve is most of the work of a signature, and all nodes of a devnet sign
 * the same message.
 */
const messagePoints = new LRUCache<string, MessagePoint>({ max: 256 })

function messagePointOf(message: Uint8Array): MessagePoint {
  const key = Buffer.from(message).toString('latin1')
  const known = messagePoints.get(key)
  if (known) return known
  const point = scheme.hash(message, domain)
  messagePoints.set(key, point)
  return point
}

/**
 * A storage node's signing key: BLS12-381 with public keys in G1 (48 bytes) and signatures in G2 (96 bytes), both
 * compressed. Secrets are 32 bits long: quick, worth nothing, and good enough for a network on loopback.
 */
export class NodeKey {
  readonly #secret: bigint
  readonly publicKey: Uint8Array

  constructor(secret: bigint) {
    if (secret <= 0n) throw new RangeError('a secret key is a positive number')
    this.#secret = secret
    this.publicKey = bls12_381.G1.Point.BASE.multiplyUnsafe(secret).toBytes(true)
  }

  /** The key that a network's seed gives to a node. */
  static derive(seed: Uint8Array, name: string): NodeKey {
    const bytes = Buffer.from(hkdfSync('sha256', seed, '', `walrusfs devnet node ${name}`, 4))
    return new NodeKey(BigInt(bytes.readUInt32LE()) | 0x8000_0001n)
  }

  sign(message: Uint8Array): Uint8Array {
    return messagePointOf(message).multiplyUnsafe(this.#secret).toBytes(true)
  }

  /** A well-formed signature that does not verify. */
  signFalsely(message: Uint8Array): Uint8Array {
    return messagePointOf(message)
      .multiplyUnsafe(this.#secret + 1n)
      .toBytes(true)
  }
}
