import {
  encodeSlots,
  isKnown,
  type KeySlot,
  type SlotTable,
  type UnknownSlot,
} from '../crypto/key-slots.ts'
import { makeSlot, type NewSlot } from '../crypto/slot-kinds.ts'
import { ManifestAdmin } from '../manifest/manifest-admin.ts'
import { ManifestError, type Manifest } from '../manifest/manifest.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import type { SuiAccount } from '../store/chain/sui-account.ts'
import { Trouble } from '../terms/trouble.ts'
import { connect, manifestOf, type Connection } from './connection.ts'
import type { DriveRequest } from './open-drive.ts'
import { SeenManifest } from './seen-manifest.ts'
import { seenPathOf } from './unlocked-manifest.ts'
import { slotTableOf, unlockDrive } from './unlock-drive.ts'

/** A slot as `walrusfs keys` shows it. Fields are added, never renamed. */
export interface SlotReport {
  readonly id: string
  readonly kind: KeySlot['way']['kind'] | 'unknown'
  readonly label: string
  /** Milliseconds since 1970; undefined for a kind that this version does not know. */
  readonly createdMs: number | undefined
  /** Ed25519 public key that a wallet's slot is for, hex. */
  readonly recipient: string | undefined
}

/** What `walrusfs keys --json` prints. */
export interface SlotsReport {
  readonly drive: string
  readonly keyId: string
  readonly slots: readonly SlotReport[]
}

type Slots = readonly (KeySlot | UnknownSlot)[]

/** What slots are changed with. */
export interface SlotParts {
  readonly request: DriveRequest
  readonly account: SuiAccount
  readonly manifest: Manifest
  /** Id of the drive's key, where it is known here. */
  readonly pinned: string | undefined
}

/** What a change of slots makes of them; with the drive's key, where it is needed. Throws Trouble. */
export type Change = (slots: Slots, key: () => Promise<Uint8Array>) => Promise<Slots>

const conflictTries = 5

/** Lists the slots of a drive. Needs no key. Throws Trouble: `usage` for a drive that is not sealed. */
export async function listSlots(request: DriveRequest, signal: AbortSignal): Promise<SlotsReport> {
  return withManifest(request, false, signal, async (_, manifest, pinned) => {
    const found = await slotTableOf(request.drive, manifest, pinned, signal)
    return reportOf(request, sealedOnly(found, request).table)
  })
}

/** Adds a slot: whoever has what it is made for opens the drive from then on. */
export async function addSlot(
  request: DriveRequest,
  how: NewSlot,
  label: string,
  signal: AbortSignal,
): Promise<SlotsReport> {
  const add: Change = async (slots, key) => [
    ...slots,
    await makeSlot(await key(), how, label, Date.now()),
  ]
  return changeSlots(request, add, signal)
}

/** Takes a slot away; what it was made for opens the drive no more. The drive's key stays the same. */
export async function removeSlot(
  request: DriveRequest,
  id: string,
  signal: AbortSignal,
): Promise<SlotsReport> {
  return changeSlots(
    request,
    async (slots) => {
      const left = slots.filter((slot) => slot.id !== id)
      if (left.length === slots.length) throw noSlot(id, request)
      if (left.some(isKnown)) return left
      throw new Trouble(
        'usage',
        `the slot ${id} is the last one: without it nobody could ever open ${request.drive.name} again; add another first (walrusfs keys add)`,
      )
    },
    signal,
  )
}

/** Puts a new passphrase in the place of one. Nothing is stored anew but the slots. */
export async function changePassphrase(
  request: DriveRequest,
  id: string | undefined,
  passphrase: string,
  signal: AbortSignal,
): Promise<SlotsReport> {
  return changeSlots(
    request,
    async (slots, key) => {
      const all = slots.filter(isKnown).filter(({ way }) => way.kind === 'passphrase')
      const [old, second] = id === undefined ? all : all.filter((slot) => slot.id === id)
      if (!old) throw noSlot(id ?? 'with a passphrase', request)
      if (second) {
        const ids = all.map((slot) => slot.id).join(', ')
        throw new Trouble('usage', `there are several passphrases (${ids}): say which with --slot`)
      }
      const how = { kind: 'passphrase', passphrase } as const
      const made = await makeSlot(await key(), how, old.label, Date.now())
      return slots.map((slot) => (slot === old ? made : slot))
    },
    signal,
  )
}

async function changeSlots(
  request: DriveRequest,
  change: Change,
  signal: AbortSignal,
): Promise<SlotsReport> {
  return withManifest(request, true, signal, async ({ account }, manifest, pinned) => {
    const parts = { request, account, manifest, pinned }
    return reportOf(request, await changedSlots(parts, change, signal))
  })
}

/** Changes the slots as they are on chain, again where somebody else does so meanwhile. Throws Trouble. */
export async function changedSlots(
  { request, account, manifest, pinned }: SlotParts,
  change: Change,
  signal: AbortSignal,
): Promise<SlotTable> {
  const admin = new ManifestAdmin(account, manifest.drive)
  for (let tried = 1; ; tried++) {
    const found = await slotTableOf(request.drive, manifest, pinned, signal)
    const { table, revision } = sealedOnly(found, request)
    const key = async () => (await unlockDrive(request, manifest, pinned, signal))!.key
    const slots = await change(table.slots, key)
    if (slots === table.slots) return table
    const next = { keyId: table.keyId, slots }
    try {
      await admin.setSlots(revision, encoded(next), signal)
      return next
    } catch (error) {
      const code = error instanceof ManifestError ? error.code : undefined
      if (code === 'read-only') throw notAdmin(request, error)
      if (code !== 'conflict' || tried === conflictTries) throw error
    }
  }
}

async function withManifest<T>(
  request: DriveRequest,
  signs: boolean,
  signal: AbortSignal,
  work: (connection: Connection, manifest: Manifest, pinned: string | undefined) => Promise<T>,
): Promise<T> {
  const { drive, network, keys, settings, log } = request
  const lifecycle = new Lifecycle()
  try {
    if (signs && drive.key === undefined) {
      throw new Trouble('no-key', `no key is known for ${drive.name}: its slots can only be listed`)
    }
    const key = signs ? { keys, name: drive.key! } : undefined
    const connection = await connect(network, key, settings, lifecycle, log)
    const path = seenPathOf(request)
    const seen = new SeenManifest(path, drive.manifest, request.acceptRollback === true, log)
    const manifest = await manifestOf(connection, drive, 'read', seen, log, signal)
    return await work(connection, manifest, drive.sealed ?? seen.keyId)
  } finally {
    await lifecycle.stop(() => {})
  }
}

function sealedOnly<T>(found: T | undefined, { drive }: DriveRequest): T {
  if (found) return found
  throw new Trouble(
    'usage',
    `${drive.name} is a public drive: it has no key and no slots, and stays so; walrusfs create makes sealed ones`,
  )
}

function encoded(table: SlotTable): Uint8Array {
  try {
    return encodeSlots(table)
  } catch (error) {
    if (error instanceof RangeError) throw new Trouble('usage', error.message, { cause: error })
    throw error
  }
}

function noSlot(id: string, { drive }: DriveRequest): Trouble {
  return new Trouble(
    'not-found',
    `${drive.name} has no slot ${id}; walrusfs keys ${drive.name} lists them`,
  )
}

function notAdmin({ drive }: DriveRequest, cause: unknown): Trouble {
  return new Trouble(
    'wrong-key',
    `the key ${drive.key} does not rule over ${drive.name}: only who made the drive, and has its admin capability, changes its slots; nothing was changed`,
    { cause },
  )
}

function reportOf({ drive }: DriveRequest, { keyId, slots }: SlotTable): SlotsReport {
  return {
    drive: drive.name,
    keyId,
    slots: slots.map((slot) => {
      const known = isKnown(slot) ? slot : undefined
      const wallet = known?.way.kind === 'wallet' ? known.way : undefined
      return {
        id: slot.id,
        kind: slot.way.kind,
        label: known?.label ?? '',
        createdMs: known?.createdMs,
        recipient: wallet && Buffer.from(wallet.recipient).toString('hex'),
      }
    }),
  }
}
