import { createPrivateKey, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto'
import { blake2b } from '@noble/hashes/blake2.js'
import { bech32 } from '@scure/base'

/** Whoever can sign transactions. The SDK's keypairs are such; they load 20 MB of code for ways of signing in that no daemon has. */
export interface TransactionSigner {
  /** 32 bytes, `0x` and hex. */
  toSuiAddress(): string
  /** Signs TransactionData in BCS; base64. */
  signTransaction(bytes: Uint8Array): Promise<{ readonly signature: string }>
}

const textPrefix = 'suiprivkey'
/** Of Ed25519, before keys and signatures (https://docs.sui.io/concepts/cryptography/transaction-auth/signatures). */
const schemeFlag = 0
const seedBytes = 32
/** Of TransactionData of Sui in version 0: what a signature is for (https://docs.sui.io/concepts/cryptography/transaction-auth/intent-signing). */
const intent = Buffer.from([0, 0, 0])
/** PKCS #8 of an Ed25519 key but for the seed, which comes last (RFC 8410, section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** An Ed25519 key of Sui. */
export class SuiKey implements TransactionSigner {
  readonly #seed: Uint8Array
  readonly #private: KeyObject
  /** The scheme's flag and the public key. */
  readonly #public: Buffer

  /** `seed`: 32 bytes. */
  private constructor(seed: Uint8Array) {
    this.#seed = seed
    const der = Buffer.concat([pkcs8Prefix, seed])
    this.#private = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    const { x } = createPublicKey(this.#private).export({ format: 'jwk' })
    this.#public = Buffer.concat([Buffer.of(schemeFlag), Buffer.from(x!, 'base64url')])
  }

  static generate(): SuiKey {
    return new SuiKey(randomBytes(seedBytes))
  }

  /** Reads `suiprivkey1…` (SIP-15). Throws an Error for anything else, and for keys that are not Ed25519. */
  static fromText(text: string): SuiKey {
    const { prefix, words } = bech32.decode(text as `${string}1${string}`)
    const bytes = bech32.fromWords(words)
    if (prefix !== textPrefix || bytes.length !== 1 + seedBytes)
      throw new Error('not a private key')
    if (bytes[0] !== schemeFlag) throw new Error('not an Ed25519 key')
    return new SuiKey(bytes.slice(1))
  }

  /** The inverse of {@link fromText}. */
  toText(): string {
    return bech32.encode(textPrefix, bech32.toWords(Buffer.of(schemeFlag, ...this.#seed)))
  }

  toSuiAddress(): string {
    return `0x${Buffer.from(digestOf(this.#public)).toString('hex')}`
  }

  async signTransaction(bytes: Uint8Array): Promise<{ readonly signature: string }> {
    const signature = sign(null, digestOf(Buffer.concat([intent, bytes])), this.#private)
    const serialized = Buffer.concat([
      this.#public.subarray(0, 1),
      signature,
      this.#public.subarray(1),
    ])
    return { signature: serialized.toString('base64') }
  }
}

function digestOf(bytes: Uint8Array): Uint8Array {
  return blake2b(bytes, { dkLen: 32 })
}
