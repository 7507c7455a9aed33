import type { Log } from '../runtime/log.ts'
import type { SignerQueue } from '../store/chain/signer-queue.ts'
import type { SuiAccount } from '../store/chain/sui-account.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { manifestPackage } from './bytecode.ts'
import { parseManifest, parseUpgradeCapability } from './layouts.ts'
import { ManifestAdmin } from './manifest-admin.ts'
import { ManifestError } from './manifest.ts'
import { manifestFailure } from './manifest-failure.ts'
import { ownedCapabilities, ownedObjects, readObject } from './object-source.ts'
import { readSlots } from './slot-field.ts'

/** A drive that has just come into being. */
export interface CreatedManifest {
  readonly id: ObjectId
  readonly packageId: ObjectId
}

export interface CreateManifestOptions {
  readonly account: SuiAccount
  readonly name: string
  /** The Move package, where it is known (and there); else one of the account's own, or a new one. */
  readonly packageId?: ObjectId
  /** Key slots, as they are stored: the drive is sealed. Undefined: it is not. */
  readonly slots?: Uint8Array | undefined
  readonly log: Log
}

const upgradeCapability = '0x2::package::UpgradeCap'

/**
 * Makes a manifest that is shared, with both capabilities in the account's hands; publishes the Move package where
 * there is none. May be repeated after any failure: what is there already is found and taken, an unused manifest of
 * that name included. Throws ManifestError.
 */
export async function createManifest(
  options: CreateManifestOptions,
  signal: AbortSignal,
): Promise<CreatedManifest> {
  const { account, name, log } = options
  const { queue } = account
  if (!queue) throw new ManifestError('read-only', 'there is no key to sign with')
  const packageId =
    (await knownPackage(options, signal)) ??
    (await ownPackage(account, signal, options.slots !== undefined)) ??
    (await publish(queue, signal))
  log.debug('the Move package of manifests', { packageId })
  const { slots } = options
  const unused = await unusedManifest(account, packageId, name, slots !== undefined, signal)
  if (unused) {
    const { id, revision } = unused
    // Those of an earlier try, whose answer was lost: nobody has what opens them.
    if (slots) await new ManifestAdmin(account, id).setSlots(revision, slots, signal)
    return { id, packageId }
  }
  const created = await change(queue, signal, (transaction) => {
    const target = (call: string): string => `${packageId}::manifest::${call}`
    const root = transaction.moveCall({ target: target('empty_root') })
    const [manifest, admin, writer] = transaction.moveCall({
      target: target('new'),
      arguments: [transaction.pure.string(name), root],
    })
    if (slots) {
      const { pure } = transaction
      const bytes = pure.vector('u8', slots)
      transaction.moveCall({
        target: target('set_slots'),
        arguments: [manifest!, admin!, pure.u64(0), bytes],
      })
    }
    transaction.moveCall({ target: target('share'), arguments: [manifest!] })
    transaction.transferObjects([admin!, writer!], queue.address)
  })
  const made = created.created.find(({ type }) => type.endsWith('::manifest::Manifest'))
  if (!made) throw new ManifestError('rejected', `${created.digest} made no manifest`)
  return { id: made.objectId, packageId }
}

/** The package that the caller knows, unless the network has never heard of it (a devnet made anew). */
async function knownPackage(
  { account, packageId, slots }: CreateManifestOptions,
  signal: AbortSignal,
): Promise<ObjectId | undefined> {
  if (packageId === undefined) return undefined
  return (await isManifestPackage(account, packageId, slots !== undefined, signal))
    ? packageId
    : undefined
}

/** The package of manifests that this account has published here, if it has; with `seals`, one that knows key slots. */
export async function ownPackage(
  account: SuiAccount,
  signal: AbortSignal,
  seals = false,
): Promise<ObjectId | undefined> {
  for (const { content } of await ownedObjects(account, upgradeCapability, signal)) {
    const packageId = parseUpgradeCapability(content)
    if (await isManifestPackage(account, packageId, seals, signal)) return packageId
  }
  return undefined
}

async function isManifestPackage(
  account: SuiAccount,
  packageId: ObjectId,
  seals: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const name = seals ? 'set_slots' : 'assert_seq'
    const query = { packageId, moduleName: 'manifest', name, signal }
    await account.client.core.getMoveFunction(query)
    return true
  } catch (error) {
    signal.throwIfAborted()
    const failure = manifestFailure(error)
    if (failure instanceof ManifestError && failure.code === 'unreachable') throw failure
    return false
  }
}

async function publish(queue: SignerQueue, signal: AbortSignal): Promise<ObjectId> {
  const { published, digest } = await change(queue, signal, (transaction) => {
    const capability = transaction.publish({
      modules: [...manifestPackage.modules],
      dependencies: [...manifestPackage.dependencies],
    })
    transaction.transferObjects([capability], queue.address)
  })
  if (!published) throw new ManifestError('rejected', `${digest} published nothing`)
  return published
}

async function unusedManifest(
  account: SuiAccount,
  packageId: ObjectId,
  name: string,
  seals: boolean,
  signal: AbortSignal,
): Promise<{ readonly id: ObjectId; readonly revision: bigint } | undefined> {
  const capabilities = await ownedCapabilities(account, packageId, 'AdminCap', signal)
  for (const { manifest } of capabilities) {
    const object = await readObject(account, manifest, signal).catch((error: unknown) => {
      if (error instanceof ManifestError && error.code === 'not-found') return undefined
      throw error
    })
    if (!object) continue
    const state = parseManifest(object.content, object.previousTransaction)
    if (state.name !== name || state.sequence !== 0n || state.root) continue
    const slots = await readSlots(account, packageId, manifest, signal)
    if (seals || !slots) return { id: manifest, revision: slots?.revision ?? 0n }
  }
  return undefined
}

async function change(
  queue: SignerQueue,
  signal: AbortSignal,
  compose: Parameters<SignerQueue['run']>[0],
): Promise<Awaited<ReturnType<SignerQueue['run']>>> {
  try {
    return await queue.run(compose, signal)
  } catch (error) {
    signal.throwIfAborted()
    throw manifestFailure(error)
  }
}
