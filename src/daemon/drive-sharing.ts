import { ManifestAdmin, type Writer } from '../manifest/manifest-admin.ts'
import { ManifestError, type ManifestRoot } from '../manifest/manifest.ts'
import { isOurs } from '../renewal/pack-life.ts'
import { PackLedger } from '../renewal/ledger.ts'
import { survey } from '../renewal/survey.ts'
import { parseObjectId, type ObjectId } from '../terms/object-id.ts'
import { Trouble } from '../terms/trouble.ts'
import { grantSlot, takeSlots, type SlotGrant } from './account-slots.ts'
import type { Drive } from './open-drive.ts'
import { readRoot } from './shared-parts.ts'

/** A writer as people are told of it. */
export interface KnownWriter extends Writer {
  /** It is the account of this machine's key. */
  readonly isUs: boolean
}

/** What `share` did. */
export interface Shared {
  readonly capability: ObjectId
  /** False: the account was a writer already. */
  readonly isNew: boolean
  /** Undefined for a drive that is not sealed. */
  readonly slot: SlotGrant | undefined
}

/** What `revoke` took. */
export interface Revoked {
  readonly capabilities: readonly ObjectId[]
  /** Key slots of a sealed drive. */
  readonly slots: readonly string[]
}

/** What `transfer` handed over. */
export interface Transferred {
  readonly to: ObjectId
  readonly blobs: number
  /** Blobs that other accounts have stored and go on owning. */
  readonly foreign: number
  readonly writes: boolean
  /** Whether the new owner can open the drive; undefined for one that is not sealed. */
  readonly slot: SlotGrant | undefined
}

/** An account as a person writes it. Throws Trouble `usage`. */
export function accountOf(text: string): ObjectId {
  try {
    return parseObjectId(text)
  } catch (cause) {
    throw new Trouble('usage', `${JSON.stringify(text)} is no Sui address (0x and 64 digits)`, {
      cause,
    })
  }
}

/** Who may change the drive. Throws Trouble. */
export async function writersOf(drive: Drive, signal: AbortSignal): Promise<KnownWriter[]> {
  const us = drive.connection.account.queue?.address
  const writers = await ruling(drive, (admin) => admin.writers(signal))
  return writers.map((writer) => ({ ...writer, isUs: us !== undefined && writer.account === us }))
}

/**
 * Makes an account a writer, and gives it a key slot of a sealed drive first, so that whoever waits for the right can open it.
 * Throws Trouble `no-key`, `wrong-key`, `conflict`.
 */
export async function share(
  drive: Drive,
  account: ObjectId,
  publicKey: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<Shared> {
  const known = (await writersOf(drive, signal)).find((writer) => writer.account === account)
  const slot = await grantSlot(drive, account, publicKey, signal)
  if (known) return { capability: known.capability, isNew: false, slot }
  const capability = await ruling(drive, (admin) => admin.grant(account, signal))
  return { capability, isNew: true, slot }
}

/**
 * Takes an account, or one capability, off the list of writers, and unless `keepReading` the account's key slots of a sealed
 * drive. May be repeated when it was broken off. Throws Trouble `not-found`, `usage`, `no-key`, `wrong-key`.
 */
export async function revoke(
  drive: Drive,
  who: ObjectId,
  keepReading: boolean,
  signal: AbortSignal,
): Promise<Revoked> {
  const { name } = drive.request.drive
  const writers = await writersOf(drive, signal)
  const meant = writers.filter(({ capability, account }) => capability === who || account === who)
  const us = drive.connection.account.queue?.address
  if (who === us || meant.some(({ isUs }) => isUs)) {
    throw new Trouble(
      'usage',
      `${who} is this machine's own account; nothing was changed: give the drive away with walrusfs transfer`,
    )
  }
  for (const { capability } of meant) {
    await ruling(drive, (admin) => admin.revoke(capability, signal))
  }
  const accounts = meant.flatMap(({ account }) => account ?? [])
  const slots = keepReading ? [] : await takeSlots(drive, [...accounts, who], signal)
  if (meant.length === 0 && slots.length === 0) {
    throw new Trouble(
      'not-found',
      `${who} is no writer of ${name}; nothing was changed: walrusfs share ${name} lists them`,
    )
  }
  return { capabilities: meant.map(({ capability }) => capability), slots }
}

/** How a drive is given away. */
export interface TransferWish {
  /** The right to change it stays here. */
  readonly keepWriting: boolean
  /** Of the new owner, where it is known. */
  readonly publicKey: Uint8Array | undefined
  /** It may be that the new owner has no key slot. */
  readonly withoutSlot: boolean
}

/**
 * Gives the drive to another account: a key slot where it is sealed, the rule over it, the blobs of it that are ours, and, unless
 * `keepWriting`, the right to change it. May be repeated when it was broken off. Throws Trouble.
 */
export async function transfer(
  drive: Drive,
  to: ObjectId,
  { keepWriting, publicKey, withoutSlot }: TransferWish,
  signal: AbortSignal,
): Promise<Transferred> {
  const slot = await grantSlot(drive, to, publicKey, signal)
  if (slot === 'unknown' && !withoutSlot) throw noSlotFor(to, drive)
  const { connection, manifest, content } = drive
  const { store } = connection
  const ledger = new PackLedger(store, content)
  const parts = {
    store,
    manifest,
    ledger,
    readRoot: (root: ManifestRoot) => readRoot(root, content),
  }
  const { packs } = await survey(parts, Infinity, signal)
  const ours = packs.filter(isOurs).map(({ object }) => object!.objectId)
  const stored = packs.filter(({ object }) => object !== undefined).length
  const writers = keepWriting ? [] : await writersOf(drive, signal)
  const rights = writers.filter(({ isUs }) => isUs).map(({ capability }) => capability)
  await ruling(drive, (admin) => admin.handOver(to, [...ours, ...rights], signal))
  const writes = rights.length > 0
  return { to, blobs: ours.length, foreign: stored - ours.length, writes, slot }
}

function noSlotFor(to: ObjectId, { request }: Drive): Trouble {
  const { name } = request.drive
  return new Trouble(
    'usage',
    `${name} is sealed, and ${to} could not open it: no public key of theirs is known; nothing was changed: give what walrusfs keys public prints there with --public-key, or say --no-slot if they have a passphrase, a key file or the recovery key`,
  )
}

/** Asks the chain as the account of the drive's key. */
async function ruling<T>(drive: Drive, work: (admin: ManifestAdmin) => Promise<T>): Promise<T> {
  try {
    return await work(new ManifestAdmin(drive.connection.account, drive.manifest.id))
  } catch (error) {
    throw error instanceof ManifestError ? troubleOf(error, drive) : error
  }
}

function troubleOf(error: ManifestError, { request, connection }: Drive): Error {
  const { name } = request.drive
  const us = connection.account.queue?.address
  const cause = { cause: error }
  if (error.code === 'read-only') {
    const why = us === undefined ? 'there is no key here' : 'this key does not'
    return new Trouble(
      us === undefined ? 'no-key' : 'wrong-key',
      `only who rules over ${name} may do that, and ${why}; nothing was changed: do it where the drive was made`,
      cause,
    )
  }
  if (error.code !== 'no-gas') return error
  return new Trouble(
    'no-gas',
    `the address ${us} has no SUI for gas; nothing was changed: send it some`,
    cause,
  )
}
