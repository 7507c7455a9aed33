import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { derived, keyIdOf } from './drive-keys.ts'
import {
  slotHead,
  slotSaltBytes,
  type KeySlot,
  type ScryptCost,
  type SlotTable,
  type SlotWay,
} from './key-slots.ts'
import { boxKey, openedBoxKey, type WalletKey } from './wallet-box.ts'

/** What somebody has to show for a slot. */
export type SlotSecret =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'key-file' | 'recovery'; readonly secret: Uint8Array }
  | { readonly kind: 'wallet'; readonly wallet: WalletKey }

/** What a new slot is made for. */
export type NewSlot =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'key-file' | 'recovery'; readonly secret: Uint8Array }
  | { readonly kind: 'wallet'; readonly sender: WalletKey; readonly recipient: Uint8Array }

/** 128 MiB of memory, about half a second. */
export const usualCost: ScryptCost = { logN: 17, r: 8, p: 1 }
export const secretBytes = 32
const nonceBytes = 12
const tagBytes = 16

/** Makes a slot for a drive's key. */
export async function makeSlot(
  key: Uint8Array,
  how: NewSlot,
  label: string,
  createdMs: number,
  cost: ScryptCost = usualCost,
): Promise<KeySlot> {
  const { way, wrapping } = await newWay(how, cost)
  const id = randomBytes(8).toString('hex')
  const slot = { id, createdMs, label, way }
  const nonce = randomBytes(nonceBytes)
  const sealing = createCipheriv('aes-256-gcm', slotKey(wrapping, id), nonce)
  sealing.setAAD(bound(slot, keyIdOf(key)))
  const text = Buffer.concat([sealing.update(key), sealing.final()])
  return { ...slot, sealedKey: Buffer.concat([nonce, text, sealing.getAuthTag()]) }
}

/** The drive's key, where the secret is the slot's; else undefined. */
export async function openSlot(
  slot: KeySlot,
  { keyId }: Pick<SlotTable, 'keyId'>,
  secret: SlotSecret,
): Promise<Uint8Array | undefined> {
  const wrapping = await wrappingKey(slot.way, secret)
  if (!wrapping) return undefined
  const { sealedKey, id } = slot
  const nonce = sealedKey.subarray(0, nonceBytes)
  const opening = createDecipheriv('aes-256-gcm', slotKey(wrapping, id), nonce)
  opening.setAAD(bound(slot, Buffer.from(keyId, 'hex')))
  opening.setAuthTag(sealedKey.subarray(sealedKey.length - tagBytes))
  const key = opening.update(sealedKey.subarray(nonceBytes, sealedKey.length - tagBytes))
  try {
    opening.final()
  } catch {
    return undefined
  }
  // AES-GCM does not commit to its key: the id does.
  return Buffer.from(keyIdOf(key)).toString('hex') === keyId ? key : undefined
}

async function newWay(
  how: NewSlot,
  cost: ScryptCost,
): Promise<{ readonly way: SlotWay; readonly wrapping: Uint8Array }> {
  switch (how.kind) {
    case 'passphrase': {
      const salt = randomBytes(slotSaltBytes)
      const wrapping = await stretched(how.passphrase, salt, cost)
      return { way: { kind: how.kind, salt, cost }, wrapping }
    }
    case 'key-file':
    case 'recovery':
      return { way: { kind: how.kind }, wrapping: how.secret }
    case 'wallet': {
      const { sender, recipient } = how
      const { key, ephemeral } = await boxKey(sender, recipient)
      const way = { kind: how.kind, recipient, sender: sender.publicKey, ephemeral }
      return { way, wrapping: key }
    }
  }
}

async function wrappingKey(way: SlotWay, secret: SlotSecret): Promise<Uint8Array | undefined> {
  if (way.kind === 'passphrase') {
    if (secret.kind !== 'passphrase') return undefined
    return stretched(secret.passphrase, way.salt, way.cost)
  }
  if (way.kind === 'wallet') {
    if (secret.kind !== 'wallet') return undefined
    if (Buffer.compare(way.recipient, secret.wallet.publicKey) !== 0) return undefined
    return openedBoxKey(secret.wallet, way.sender, way.ephemeral).catch(() => undefined)
  }
  return secret.kind === way.kind ? secret.secret : undefined
}

/** So that a secret which is in two slots never seals twice with one key. */
function slotKey(wrapping: Uint8Array, id: string): Uint8Array {
  return derived(wrapping, 'walrusfs slot 1', 32, Buffer.from(id, 'hex'))
}

function bound(slot: Omit<KeySlot, 'sealedKey'>, keyId: Uint8Array): Buffer {
  return Buffer.concat([keyId, slotHead(slot)])
}

/** The same passphrase typed on another keyboard may have other code points: NFC makes them the same. */
function stretched(
  passphrase: string,
  salt: Uint8Array,
  { logN, r, p }: ScryptCost,
): Promise<Uint8Array> {
  const [N, maxmem] = [2 ** logN, 256 * 2 ** logN * r]
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, 32, { N, r, p, maxmem }, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}
