import { driveKeysOf, type DriveKeys } from '../crypto/drive-keys.ts'
import {
  decodeSlots,
  isKnown,
  SlotFormatError,
  type KeySlot,
  type SlotTable,
} from '../crypto/key-slots.ts'
import { openSlot, type SlotSecret } from '../crypto/slot-kinds.ts'
import type { Manifest } from '../manifest/manifest.ts'
import type { SuiKey } from '../store/chain/sui-key.ts'
import { Trouble } from '../terms/trouble.ts'
import type { DriveReference } from './drive-reference.ts'
import type { Keystore } from './keystore.ts'
import { readKeyFile, readPassphraseFile, typedSecret, type GivenSecret } from './secret-files.ts'

/** What a person offers to open a sealed drive with. */
export interface KeyOffer {
  readonly keyFile?: string | undefined
  readonly passphraseFile?: string | undefined
  /** The same, of the environment: it may be meant for other drives. */
  readonly usualPassphraseFile?: string | undefined
  /** Asks a person; undefined where nobody is there, or nobody answers. */
  readonly ask?: ((question: string) => Promise<string | undefined>) | undefined
}

/** A sealed drive whose key is at hand. */
export interface Unlocked {
  readonly key: Uint8Array
  readonly keys: DriveKeys
  readonly table: SlotTable
  readonly revision: bigint
  /** Id of the slot that opened it. */
  readonly slot: string
  /** Who made that slot, where it is a wallet's and somebody else's. */
  readonly sender: Uint8Array | undefined
}

export interface UnlockParts {
  readonly drive: DriveReference
  readonly keys: Keystore
  readonly unlock?: KeyOffer | undefined
}

const askedTimes = 3

/** The key slots that a full node shows. Throws Trouble `unsealed` where they are not those of the drive that is known here. */
export async function slotTableOf(
  drive: Pick<DriveReference, 'name'>,
  manifest: Pick<Manifest, 'slots'>,
  pinned: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly table: SlotTable; readonly revision: bigint } | undefined> {
  const slots = await manifest.slots(signal)
  if (!slots) {
    if (pinned === undefined) return undefined
    throw new Trouble(
      'unsealed',
      `the full node shows no key slots of the drive ${drive.name}, which is sealed: it hides them, or shows another drive; nothing was read or written: use another full node`,
    )
  }
  const table = readTable(slots.bytes, drive.name)
  if (pinned !== undefined && table.keyId !== pinned) {
    throw new Trouble(
      'unsealed',
      `the full node shows key slots of the drive ${drive.name} for the key ${table.keyId}, and its key is ${pinned}: they are not its slots; nothing was read or written: use another full node`,
    )
  }
  return { table, revision: slots.revision }
}

/**
 * Opens one slot of a sealed drive; undefined for one that is not sealed. In this order: a key file, a passphrase file, the
 * environment's, a wallet slot of a key here, a person. Throws Trouble `sealed`, `wrong-secret`, `unsealed`.
 */
export async function unlockDrive(
  { drive, keys, unlock: offer = {} }: UnlockParts,
  manifest: Pick<Manifest, 'slots'>,
  pinned: string | undefined,
  signal: AbortSignal,
): Promise<Unlocked | undefined> {
  const found = await slotTableOf(drive, manifest, pinned, signal)
  if (!found) return undefined
  const { table, revision } = found
  const opened =
    (await openedByOffer(table, offer, drive)) ?? (await openedByWallet(table, drive, keys))
  const one = opened ?? (await openedByPerson(table, offer, drive))
  return { ...one, keys: driveKeysOf(one.key), table, revision }
}

type Opened = Pick<Unlocked, 'key' | 'slot' | 'sender'>

async function openedByOffer(
  table: SlotTable,
  { keyFile, passphraseFile, usualPassphraseFile }: KeyOffer,
  drive: DriveReference,
): Promise<Opened | undefined> {
  if (keyFile !== undefined) {
    const opened = await tried(table, readKeyFile(keyFile))
    if (!opened) throw wrongSecret(`the key file ${keyFile}`, drive)
    return opened
  }
  if (passphraseFile !== undefined) {
    const opened = await tried(table, readPassphraseFile(passphraseFile))
    if (!opened) throw wrongSecret(`the passphrase in ${passphraseFile}`, drive)
    return opened
  }
  if (usualPassphraseFile === undefined) return undefined
  return tried(table, readPassphraseFile(usualPassphraseFile))
}

/** With the drive's own key first, then with whatever key lies here. */
async function openedByWallet(
  table: SlotTable,
  drive: DriveReference,
  keys: Keystore,
): Promise<Opened | undefined> {
  if (!table.slots.some(({ way }) => way.kind === 'wallet')) return undefined
  const names = new Set([...(drive.key === undefined ? [] : [drive.key]), ...keys.names()])
  for (const name of names) {
    const wallet = walletOf(keys, name, name === drive.key)
    const opened = wallet && (await openedWith(table, { kind: 'wallet', wallet }))
    if (!opened) continue
    const { sender } = opened
    const isOwn = sender !== undefined && Buffer.compare(sender, wallet.publicKey) === 0
    return isOwn ? { ...opened, sender: undefined } : opened
  }
  return undefined
}

/** What is wrong with a key that is nothing of the drive's is no matter of the drive's. */
function walletOf(keys: Keystore, name: string, isOwn: boolean): SuiKey | undefined {
  if (!keys.has(name)) return undefined
  try {
    return keys.load(name)
  } catch (error) {
    if (isOwn) throw error
    return undefined
  }
}

async function openedByPerson(
  table: SlotTable,
  { ask, usualPassphraseFile }: KeyOffer,
  drive: DriveReference,
): Promise<Opened> {
  const typed = table.slots.some(({ way }) => way.kind === 'passphrase' || way.kind === 'recovery')
  for (let left = askedTimes; ask && typed && left > 0; left--) {
    const again = left < askedTimes ? 'that does not open it; ' : ''
    const answer = await ask(`${again}passphrase or recovery key of ${drive.name}: `)
    if (answer === undefined || answer === '') break
    const opened = await tried(table, typedSecret(answer))
    if (opened) return opened
    if (left === 1) throw wrongSecret('what was typed', drive)
  }
  if (usualPassphraseFile !== undefined) {
    throw wrongSecret(`the passphrase in ${usualPassphraseFile}`, drive)
  }
  const ways = [...new Set(table.slots.map(({ way }) => wayNames[way.kind]))].join(', ')
  throw new Trouble(
    'sealed',
    `the drive ${drive.name} is sealed, and nothing here opens it (it has slots for: ${ways}); nothing was read: give --passphrase-file or --key-file, or have its owner run walrusfs keys add DRIVE --for PUBLICKEY with what walrusfs keys public prints here`,
  )
}

export const wayNames = {
  passphrase: 'a passphrase',
  'key-file': 'a key file',
  recovery: 'a recovery key',
  wallet: 'a wallet',
  unknown: 'something newer',
} as const

async function tried(
  table: SlotTable,
  { secret, passphrase }: GivenSecret,
): Promise<Opened | undefined> {
  if (secret) {
    const opened =
      (await openedWith(table, { kind: 'key-file', secret })) ??
      (await openedWith(table, { kind: 'recovery', secret }))
    if (opened) return opened
  }
  if (passphrase === undefined) return undefined
  return openedWith(table, { kind: 'passphrase', passphrase })
}

async function openedWith(table: SlotTable, secret: SlotSecret): Promise<Opened | undefined> {
  const fitting = table.slots.filter(isKnown).filter(({ way }) => way.kind === secret.kind)
  for (const slot of fitting) {
    const key = await openSlot(slot, table, secret)
    if (key) return { key, slot: slot.id, sender: senderOf(slot) }
  }
  return undefined
}

function senderOf({ way }: KeySlot): Uint8Array | undefined {
  return way.kind === 'wallet' ? way.sender : undefined
}

function wrongSecret(what: string, { name }: DriveReference): Trouble {
  return new Trouble('wrong-secret', `${what} opens no slot of the drive ${name}; nothing was read`)
}

function readTable(bytes: Uint8Array, name: string): SlotTable {
  try {
    return decodeSlots(bytes)
  } catch (error) {
    if (!(error instanceof SlotFormatError)) throw error
    const text = `the drive ${name} cannot be opened: ${error.message}; nothing was read`
    throw new Trouble('format', text, { cause: error })
  }
}
