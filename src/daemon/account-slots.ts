import { isKnown, type KeySlot, type UnknownSlot } from '../crypto/key-slots.ts'
import { makeSlot } from '../crypto/slot-kinds.ts'
import { publicKeyOnChain } from '../store/chain/account-key.ts'
import { addressOf, publicKeyOf } from '../store/chain/sui-key.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { Trouble } from '../terms/trouble.ts'
import { changedSlots, type Change, type SlotParts } from './change-slots.ts'
import type { Drive } from './open-drive.ts'
import { slotTableOf } from './unlock-drive.ts'

/** Whether an account can open a sealed drive: it was given a slot now, had one, or its public key is not known. */
export type SlotGrant = 'granted' | 'there' | 'unknown'

/** A public key as a person writes it, which has to be the account's. Throws Trouble `usage`. */
export function publicKeyFor(text: string, account: ObjectId): Uint8Array {
  const key = publicKeyOf(text)
  if (!key) {
    throw new Trouble(
      'usage',
      `${JSON.stringify(text)} is no public key of the kind that walrusfs keys public prints; nothing was changed`,
    )
  }
  if (addressOf(key) === account) return key
  throw new Trouble(
    'usage',
    `the public key ${text} is of the address ${addressOf(key)}, not of ${account}; nothing was changed`,
  )
}

/**
 * Gives an account a key slot of a sealed drive; its public key is given, or looked for on chain. Undefined for a drive that
 * is not sealed. Throws Trouble.
 */
export async function grantSlot(
  drive: Drive,
  account: ObjectId,
  given: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<SlotGrant | undefined> {
  const parts = slotPartsOf(drive)
  if (!parts) return undefined
  const { table } = (await slotTableOf(parts.request.drive, parts.manifest, parts.pinned, signal))!
  if (table.slots.some((slot) => isFor(slot, account))) return 'there'
  const recipient = given ?? (await keyOnChain(drive, account, signal))
  if (!recipient) return 'unknown'
  const { drive: reference, keys } = drive.request
  const add: Change = async (slots, key) => {
    const sender = keys.load(reference.key!)
    const how = { kind: 'wallet', sender, recipient } as const
    return [...slots, await makeSlot(await key(), how, account.slice(0, 18), Date.now())]
  }
  await changedSlots(parts, add, signal)
  return 'granted'
}

/** Takes the key slots of accounts away; gives their ids. Throws Trouble. */
export async function takeSlots(
  drive: Drive,
  accounts: readonly ObjectId[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const parts = slotPartsOf(drive)
  if (!parts) return []
  let taken: readonly string[] = []
  const take: Change = async (slots) => {
    const theirs = slots.filter((slot) => accounts.some((account) => isFor(slot, account)))
    taken = theirs.map(({ id }) => id)
    return theirs.length === 0 ? slots : slots.filter((slot) => !theirs.includes(slot))
  }
  await changedSlots(parts, take, signal)
  return taken
}

/** Whether the slot opens with the key of that account. */
export function isFor(slot: KeySlot | UnknownSlot, account: ObjectId): boolean {
  return isKnown(slot) && slot.way.kind === 'wallet' && addressOf(slot.way.recipient) === account
}

/** Undefined for a drive that is not sealed. Throws Trouble `no-key`. */
function slotPartsOf({ request, connection, manifest, keys }: Drive): SlotParts | undefined {
  if (!keys) return undefined
  const { account } = connection
  if (account.queue) return { request, account, manifest, pinned: keys.id }
  throw new Trouble(
    'no-key',
    `only who rules over ${request.drive.name} may do that, and there is no key here; nothing was changed: do it where the drive was made`,
  )
}

/** A full node that does not answer that question is no reason not to share the drive. */
async function keyOnChain(
  { connection, request }: Drive,
  account: ObjectId,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  try {
    return await publicKeyOnChain(connection.account, account, signal)
  } catch (error) {
    signal.throwIfAborted()
    request.log.debug('no public key of the account is found', { account, why: String(error) })
    return undefined
  }
}
