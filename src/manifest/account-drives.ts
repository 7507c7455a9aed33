import type { SuiAccount } from '../store/chain/sui-account.ts'
import { parseObjectId } from '../terms/object-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { parseManifest, parseSnapshotted } from './layouts.ts'
import { ManifestError, type ManifestRoot, type StoredSlots } from './manifest.ts'
import { manifestFailure } from './manifest-failure.ts'
import { ownedCapabilities, readObject } from './object-source.ts'
import { readSlots } from './slot-field.ts'

/** Another drive of an account. */
export interface OtherDrive {
  readonly id: ObjectId
  readonly root: ManifestRoot
  /** Its key slots, where it is sealed. */
  readonly slots: StoredSlots | undefined
}

/**
 * The other drives that the account has a capability for, in the package of `manifest`, and that have a tree: they may name the same
 * blobs. Destroyed ones are left out. Throws ManifestError.
 */
export async function otherDrives(
  account: SuiAccount,
  manifest: ObjectId,
  signal: AbortSignal,
): Promise<OtherDrive[]> {
  const packageId = await packageOf(account, manifest, signal)
  const [writers, admins] = [
    await ownedCapabilities(account, packageId, 'WriterCap', signal),
    await ownedCapabilities(account, packageId, 'AdminCap', signal),
  ]
  const others = new Set([...writers, ...admins].map((capability) => capability.manifest))
  others.delete(manifest)
  const drives: OtherDrive[] = []
  for (const id of others) {
    const object = await readObject(account, id, signal).catch(unlessGone)
    const root = object && parseManifest(object.content, object.previousTransaction).root
    if (!root) continue
    drives.push({ id, root, slots: await readSlots(account, packageId, id, signal) })
  }
  return drives
}

/**
 * Snapshots of a manifest that somebody froze, as far back as the full node remembers; undefined where it does not tell of
 * events. Throws ManifestError.
 */
export async function frozenSnapshots(
  account: SuiAccount,
  manifest: ObjectId,
  signal: AbortSignal,
): Promise<ObjectId[] | undefined> {
  const eventType = `${await packageOf(account, manifest, signal)}::manifest::Snapshotted`
  const predicate = { oneofKind: 'eventType', eventType: { eventType } } as const
  const filter = { terms: [{ literals: [{ negated: false, predicate }] }] }
  const found: ObjectId[] = []
  try {
    for (let after: Uint8Array | undefined, more = true; more;) {
      more = false
      const options = { limit: 1000, ...(after && { after }) }
      const readMask = { paths: ['contents'] }
      const request = { filter, options, readMask }
      const call = account.client.ledgerService.listEvents(request, { abort: signal })
      call.status.catch(() => {})
      for await (const { event, watermark } of call.responses) {
        after = watermark?.cursor ?? after
        if (!event?.contents?.value) continue
        more = true
        const told = parseSnapshotted(event.contents.value)
        if (told.manifest === manifest) found.push(told.snapshot)
      }
    }
  } catch (error) {
    signal.throwIfAborted()
    if ((error as { code?: unknown }).code === 'UNIMPLEMENTED') return undefined
    throw manifestFailure(error)
  }
  return found
}

async function packageOf(
  account: SuiAccount,
  manifest: ObjectId,
  signal: AbortSignal,
): Promise<ObjectId> {
  const { type } = await readObject(account, manifest, signal)
  return parseObjectId(type.split('::')[0]!)
}

function unlessGone(error: unknown): undefined {
  if (error instanceof ManifestError && error.code === 'not-found') return undefined
  throw error
}
