import { createPrivateKey, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto'
import { blake2b } from '@noble/hashes/blake2.js'
import { bech32 } from '@scure/base'
import { agreementKeyOf, type WalletKey } from '../../crypto/wallet-box.ts'

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
const keyBytes = 32
const signatureBytes = 64
/** Of TransactionData of Sui in version 0: what a signature is for (https://docs.sui.io/concepts/cryptography/transaction-auth/intent-signing). */
const intent = Buffer.from([0, 0, 0])
/** PKCS #8 of an Ed25519 key but for the seed, which comes last (RFC 8410, section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** An Ed25519 key of Sui. */
export class SuiKey implements TransactionSigner, WalletKey {
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

  /** Ed25519, 32 bytes. */
  get publicKey(): Uint8Array {
    return this.#public.subarray(1)
  }

  /** As Sui writes public keys: the scheme's flag and the key, in base 64. */
  get publicText(): string {
    return this.#public.toString('base64')
  }

  /** The X25519 secret that follows from it, for what is sealed to it. */
  agreementKey(): Promise<Uint8Array> {
    return agreementKeyOf(this.#seed)
  }

  toSuiAddress(): string {
    return addressOf(this.publicKey)
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

/** The Ed25519 public key of a text as Sui writes it, or of 64 digits of hex; undefined for anything else. */
export function publicKeyOf(text: string): Uint8Array | undefined {
  const hex = /^(?:0x)?([0-9a-f]{64})$/i.exec(text)?.[1]
  if (hex !== undefined) return Buffer.from(hex, 'hex')
  const bytes = /^[A-Za-z0-9+/]{44}$/.test(text) ? Buffer.from(text, 'base64') : undefined
  return bytes?.length === 1 + seedBytes && bytes[0] === schemeFlag ? bytes.subarray(1) : undefined
}

/** How `publicKeyOf` reads a public key, and `publicText` tells its own. */
export function publicTextOf(publicKey: Uint8Array): string {
  return Buffer.concat([Buffer.of(schemeFlag), publicKey]).toString('base64')
}

/** The Sui address of an Ed25519 public key. */
export function addressOf(publicKey: Uint8Array): string {
  const digest = digestOf(Buffer.concat([Buffer.of(schemeFlag), publicKey]))
  return `0x${Buffer.from(digest).toString('hex')}`
}

/** The public key with which a serialized signature was made; undefined where it is not of Ed25519. */
export function signerOf(signature: Uint8Array): Uint8Array | undefined {
  if (signature.length !== 1 + signatureBytes + keyBytes || signature[0] !== schemeFlag)
    return undefined
  return signature.subarray(1 + signatureBytes)
}

function digestOf(bytes: Uint8Array): Uint8Array {
  return blake2b(bytes, { dkLen: 32 })
}
