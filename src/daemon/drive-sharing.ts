import { ManifestAdmin, type Writer } from '../manifest/manifest-admin.ts'
import { ManifestError, type ManifestRoot } from '../manifest/manifest.ts'
import { isOurs } from '../renewal/pack-life.ts'
import { PackLedger } from '../renewal/ledger.ts'
import { survey } from '../renewal/survey.ts'
import { parseObjectId, type ObjectId } from '../terms/object-id.ts'
import { Trouble } from '../terms/trouble.ts'
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
  /** Undefined: the account was a writer already. */
  readonly isNew: boolean
}

/** What `transfer` handed over. */
export interface Transferred {
  readonly to: ObjectId
  readonly blobs: number
  /** Blobs that other accounts have stored and go on owning. */
  readonly foreign: number
  readonly writes: boolean
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

/** Makes an account a writer. Throws Trouble `no-key`, `wrong-key`, `conflict`. */
export async function share(drive: Drive, account: ObjectId, signal: AbortSignal): Promise<Shared> {
  const known = (await writersOf(drive, signal)).find((writer) => writer.account === account)
  if (known) return { capability: known.capability, isNew: false }
  const capability = await ruling(drive, (admin) => admin.grant(account, signal))
  return { capability, isNew: true }
}

/** Takes an account, or one capability, off the list of writers. Throws Trouble `not-found`, `usage`, `no-key`, `wrong-key`. */
export async function revoke(
  drive: Drive,
  who: ObjectId,
  signal: AbortSignal,
): Promise<readonly ObjectId[]> {
  const writers = await writersOf(drive, signal)
  const meant = writers.filter(({ capability, account }) => capability === who || account === who)
  if (meant.length === 0) {
    throw new Trouble(
      'not-found',
      `${who} is no writer of ${drive.request.drive.name}; nothing was changed: walrusfs share ${drive.request.drive.name} lists them`,
    )
  }
  if (meant.some(({ isUs }) => isUs)) {
    throw new Trouble(
      'usage',
      `${who} is this machine's own account; nothing was changed: give the drive away with walrusfs transfer`,
    )
  }
  for (const { capability } of meant) {
    await ruling(drive, (admin) => admin.revoke(capability, signal))
  }
  return meant.map(({ capability }) => capability)
}

/**
 * Gives the drive to another account: the rule over it, the blobs of it that are ours, and, unless `keepWriting`, the right to
 * change it. May be repeated when it was broken off. Throws Trouble.
 */
export async function transfer(
  drive: Drive,
  to: ObjectId,
  keepWriting: boolean,
  signal: AbortSignal,
): Promise<Transferred> {
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
  return { to, blobs: ours.length, foreign: stored - ours.length, writes: rights.length > 0 }
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
