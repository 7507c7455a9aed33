import { derived } from './drive-keys.ts'

/** A key of Ed25519, as boxes need it. */
export interface WalletKey {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  /** X25519: the secret scalar that follows from the same seed. */
  readonly agreementKey: () => Promise<Uint8Array>
}

const label = 'walrusfs wallet slot 1'

/** The X25519 secret of an Ed25519 seed. */
export async function agreementKeyOf(seed: Uint8Array): Promise<Uint8Array> {
  const { ed25519 } = await curves()
  return ed25519.utils.toMontgomerySecret(seed)
}

/**
 * A key that only sender and recipient can know, of two agreements: an ephemeral key with the recipient's, so that each box has
 * a key of its own, and the sender's with the recipient's, so that nobody else can make a box in the sender's name. Throws for
 * a public key that is none.
 */
export async function boxKey(
  sender: WalletKey,
  recipient: Uint8Array,
): Promise<{ readonly key: Uint8Array; readonly ephemeral: Uint8Array }> {
  const { ed25519, x25519 } = await curves()
  const theirs = ed25519.utils.toMontgomery(recipient)
  const secret = x25519.utils.randomSecretKey()
  const ephemeral = x25519.getPublicKey(secret)
  const one = x25519.getSharedSecret(secret, theirs)
  const two = x25519.getSharedSecret(await sender.agreementKey(), theirs)
  return { key: keyOf(one, two, ephemeral, sender.publicKey, recipient), ephemeral }
}

/** The same key, for its recipient. Throws for public keys that are none. */
export async function openedBoxKey(
  recipient: WalletKey,
  sender: Uint8Array,
  ephemeral: Uint8Array,
): Promise<Uint8Array> {
  const { ed25519, x25519 } = await curves()
  const secret = await recipient.agreementKey()
  const one = x25519.getSharedSecret(secret, ephemeral)
  const two = x25519.getSharedSecret(secret, ed25519.utils.toMontgomery(sender))
  return keyOf(one, two, ephemeral, sender, recipient.publicKey)
}

function keyOf(
  one: Uint8Array,
  two: Uint8Array,
  ephemeral: Uint8Array,
  sender: Uint8Array,
  recipient: Uint8Array,
): Uint8Array {
  const salt = Buffer.concat([ephemeral, sender, recipient])
  return derived(Buffer.concat([one, two]), label, 32, salt)
}

/** Loaded when a box is at hand. */
const curves = () => import('@noble/curves/ed25519.js')
