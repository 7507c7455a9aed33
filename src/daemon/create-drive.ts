import { createManifest } from '../manifest/create-manifest.ts'
import { ManifestError } from '../manifest/manifest.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import type { Log } from '../runtime/log.ts'
import { openSuiAccount } from '../store/chain/sui-account.ts'
import { parseObjectId, type ObjectId } from '../terms/object-id.ts'
import { Trouble } from '../terms/trouble.ts'
import type { ConfigFile } from './config.ts'
import { unreachable } from './connection.ts'
import { checkDriveName } from './drive-reference.ts'
import type { Keystore } from './keystore.ts'
import { networkOf } from './networks.ts'

export interface CreateRequest {
  readonly name: string
  readonly network: string
  /** Name of the key; made when it is not there. */
  readonly key: string
  readonly config: ConfigFile
  readonly keys: Keystore
  readonly log: Log
  /** Gives the address coins first, where coins are free. */
  readonly fund: ((address: ObjectId) => Promise<void>) | undefined
}

export interface CreatedDrive {
  readonly name: string
  readonly network: string
  readonly manifest: ObjectId
  readonly address: ObjectId
}

/**
 * Makes a drive and writes it into the configuration. After any failure it may be repeated: what was made already is taken.
 * Throws Trouble: `exists`, `no-gas`, `unreachable`.
 */
export async function createDrive(
  request: CreateRequest,
  signal: AbortSignal,
): Promise<CreatedDrive> {
  const { name, network, key, config, keys, log, fund } = request
  checkDriveName(name)
  if (config.value.drives[name]) {
    throw new Trouble(
      'exists',
      `there is a drive ${name} in the configuration already; take another name`,
    )
  }
  const parameters = networkOf(network, config.value)
  const signer = keys.has(key) ? keys.load(key) : keys.create(key)
  const address = parseObjectId(signer.toSuiAddress())
  const lifecycle = new Lifecycle()
  try {
    await fund?.(address)
    const account = await lifecycle.start('full node', async () => {
      const opened = openSuiAccount({ network: parameters, signer, log })
      return [opened, () => opened.close()] as const
    })
    const known = config.value.networks[network]
    const packageId = known?.package ? { packageId: parseObjectId(known.package) } : {}
    const made = await createManifest({ account, name, log, ...packageId }, signal)
    config.setNetwork(network, { ...known, package: made.packageId })
    config.setDrive(name, { network, manifest: made.id, key })
    config.save()
    return { name, network, manifest: made.id, address }
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    if (error.code === 'unreachable') throw unreachable(parameters, error)
    if (error.code !== 'no-gas') throw error
    throw new Trouble(
      'no-gas',
      `the address ${address} has no SUI for gas; send it some and run the same command again (the key is kept in ${keys.pathOf(key)})`,
      { cause: error },
    )
  } finally {
    await lifecycle.stop(() => {})
  }
}
