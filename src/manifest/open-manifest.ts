import { systemClock } from '../runtime/clock.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { SuiAccount } from '../store/chain/sui-account.ts'
import { parseObjectId } from '../terms/object-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { parseManifest, parseSnapshot, snapshotOf } from './layouts.ts'
import { ManifestError } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import { ownedCapabilities, readObject } from './object-source.ts'
import { FrozenManifest } from './frozen-manifest.ts'
import { readSlots } from './slot-field.ts'
import { rollbackText, type Seen } from './sightings.ts'
import { SuiManifest } from './sui-manifest.ts'

export interface OpenManifestOptions {
  readonly account: SuiAccount
  /** A manifest or a snapshot of one. */
  readonly id: ObjectId
  readonly log: Log
  /** @default systemClock */
  readonly clock?: Clock
  /** Between two looks where the full node does not tell of changes, milliseconds. @default 2_000 */
  readonly pollMs?: number
  /** Take no capability even if the account has one. @default false */
  readonly readOnly?: boolean
  /** What was seen of it before. @default nothing */
  readonly seen?: Seen
}

/**
 * Opens a drive's manifest, to be changed if the account owns a capability that the manifest lists; or a snapshot,
 * which never changes. Throws ManifestError: `not-found`, `wrong-schema`, `rejected` when the object is neither,
 * `rolled-back` when a full node shows for ten seconds what is older than what was seen.
 */
export async function openManifest(
  options: OpenManifestOptions,
  signal: AbortSignal,
): Promise<Manifest> {
  const { account, id } = options
  const { type, content, previousTransaction } = await readObject(account, id, signal)
  const [packageId, module, name] = type.split('::')
  const known = module === 'manifest' && packageId !== undefined
  if (known && name === 'Snapshot') {
    const [drive, original] = [snapshotOf(content), parseObjectId(packageId)]
    return new FrozenManifest(parseSnapshot(content, previousTransaction), drive, (until) =>
      readSlots(account, original, drive, until),
    )
  }
  if (!known || name !== 'Manifest') {
    throw new ManifestError('rejected', `${id} is no manifest but ${type || 'a package'}`)
  }
  const { writers } = parseManifest(content, previousTransaction)
  const original = parseObjectId(packageId)
  const writer = options.readOnly
    ? undefined
    : await writerOf(account, original, id, writers, signal)
  const manifest = new SuiManifest({
    account,
    id,
    packageId: original,
    writer,
    clock: options.clock ?? systemClock,
    log: options.log.room('manifest'),
    pollMs: options.pollMs ?? 2000,
    seen: options.seen,
  })
  await caughtUp(manifest, signal)
  return manifest
}

/** Waits for a full node that is behind, but not for ever. */
async function caughtUp(manifest: SuiManifest, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await manifest.load(signal)
      return
    } catch (error) {
      const { rollback } = manifest
      if (rollback) {
        const text = rollbackText(rollback.shown, rollback.seen)
        throw new ManifestError('rolled-back', text, { cause: error })
      }
      if (signal.aborted || !manifest.isBehind) throw error
    }
  }
}

async function writerOf(
  account: SuiAccount,
  packageId: ObjectId,
  manifest: ObjectId,
  writers: readonly ObjectId[],
  signal: AbortSignal,
): Promise<ObjectId | undefined> {
  const capabilities = await ownedCapabilities(account, packageId, 'WriterCap', signal)
  return capabilities.find((one) => one.manifest === manifest && writers.includes(one.id))?.id
}
