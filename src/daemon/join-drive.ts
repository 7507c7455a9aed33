import type { SlotTable } from '../crypto/key-slots.ts'
import { openManifest } from '../manifest/open-manifest.ts'
import { ManifestError } from '../manifest/manifest.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import type { Log } from '../runtime/log.ts'
import { systemClock } from '../runtime/clock.ts'
import { openSuiAccount, type SuiAccount } from '../store/chain/sui-account.ts'
import type { SuiKey } from '../store/chain/sui-key.ts'
import { parseObjectId, type ObjectId } from '../terms/object-id.ts'
import { Trouble } from '../terms/trouble.ts'
import { isFor } from './account-slots.ts'
import type { ConfigFile } from './config.ts'
import { unreachable } from './connection.ts'
import { checkDriveName } from './drive-reference.ts'
import type { Keystore } from './keystore.ts'
import { networkOf } from './networks.ts'
import { slotTableOf } from './unlock-drive.ts'

const lookMs = 2000

export interface JoinRequest {
  readonly manifest: ObjectId
  readonly network: string
  /** What it is to be called here. @default its own name */
  readonly name: string | undefined
  /** Name of the key; made when it is not there. @default the drive's name */
  readonly key: string | undefined
  readonly config: ConfigFile
  readonly keys: Keystore
  readonly log: Log
  /** Gives the address coins first, where coins are free. */
  readonly fund: ((address: ObjectId) => Promise<void>) | undefined
  /** Told once when the owner is to act, if it is to be waited for. */
  readonly wait: ((joined: JoinedDrive) => void) | undefined
}

export interface JoinedDrive {
  readonly name: string
  readonly network: string
  readonly manifest: ObjectId
  readonly address: ObjectId
  /** Its public key, as Sui writes it. */
  readonly publicKey: string
  /** Whether the account may change it now. */
  readonly writes: boolean
  /** Whether a key slot of a sealed drive is for the account; undefined for one that is not sealed. */
  readonly opens: boolean | undefined
}

/**
 * Sets up a drive that was made elsewhere: a key of this machine's own, and an entry in the configuration. May be repeated.
 * Throws Trouble: `exists`, `unknown-drive`, `unreachable`, `format`.
 */
export async function joinDrive(request: JoinRequest, signal: AbortSignal): Promise<JoinedDrive> {
  const { manifest, network, config, keys, log, fund, wait } = request
  const parameters = networkOf(network, config.value)
  const lifecycle = new Lifecycle()
  const connected = async (signer: SuiKey | undefined) =>
    lifecycle.start('full node', async () => {
      const opened = openSuiAccount({ network: parameters, signer, log })
      return [opened, () => opened.close()] as const
    })
  try {
    const seen = await look(await connected(undefined), manifest, log, signal)
    const name = request.name ?? seen.name
    checkDriveName(name)
    const { drives, networks } = config.value
    const known = drives[name]
    if (known && parseObjectId(known.manifest) !== manifest) {
      throw new Trouble(
        'exists',
        `there is another drive ${name} in the configuration; nothing was changed: give this one another with --name`,
      )
    }
    const key = request.key ?? known?.key ?? name
    const signer = keys.has(key) ? keys.load(key) : keys.create(key)
    const signing = await connected(signer)
    const { address } = signing.queue!
    await fund?.(address)
    config.setNetwork(network, networks[network] ?? {})
    config.setDrive(name, { ...known, network, manifest, key })
    config.save()
    const joined = { name, network, manifest, address, publicKey: signer.publicText }
    for (let isFirst = true; ; isFirst = false) {
      const { writes, slots } = await look(signing, manifest, log, signal)
      const opens = slots?.some((slot) => isFor(slot, address))
      if (writes || !wait) return { ...joined, writes, opens }
      if (isFirst) wait({ ...joined, writes, opens })
      await systemClock.sleep(lookMs, signal)
    }
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    if (error.code === 'unreachable') throw unreachable(parameters, error)
    const code = error.code === 'wrong-schema' ? 'format' : 'unknown-drive'
    throw new Trouble(
      code,
      `${manifest} on ${network} is no drive to join (${error.message}); nothing was changed`,
      { cause: error },
    )
  } finally {
    await lifecycle.stop(() => {})
  }
}

interface Look {
  readonly name: string
  readonly writes: boolean
  /** Undefined: it is not sealed. */
  readonly slots: SlotTable['slots'] | undefined
}

async function look(
  account: SuiAccount,
  id: ObjectId,
  log: Log,
  signal: AbortSignal,
): Promise<Look> {
  const manifest = await openManifest({ account, id, log }, signal)
  const { name } = await manifest.load(signal)
  const found = await slotTableOf({ name }, manifest, undefined, signal)
  return { name, writes: manifest.writer !== undefined, slots: found?.table.slots }
}
