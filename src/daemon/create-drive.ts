import { randomBytes } from 'node:crypto'
import { driveKeysOf, newDriveKey } from '../crypto/drive-keys.ts'
import { encodeSlots, type KeySlot, type SlotTable } from '../crypto/key-slots.ts'
import { secretText } from '../crypto/secret-text.ts'
import { makeSlot, secretBytes, type NewSlot } from '../crypto/slot-kinds.ts'
import { createManifest } from '../manifest/create-manifest.ts'
import { ManifestError } from '../manifest/manifest.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import type { Log } from '../runtime/log.ts'
import { openSuiAccount } from '../store/chain/sui-account.ts'
import type { SuiKey } from '../store/chain/sui-key.ts'
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
  /** Undefined: whoever knows the drive's id can read it. */
  readonly seal: SealWish | undefined
}

/** How a new drive is sealed. A recovery key it has in any case. */
export interface SealWish {
  /** A slot for the key that the drive is made with: machines that have it open the drive unasked. */
  readonly wallet: boolean
  readonly passphrase: string | undefined
  /** The 32 bytes of a key file. */
  readonly keyFile: Uint8Array | undefined
}

export interface CreatedDrive {
  readonly name: string
  readonly network: string
  readonly manifest: ObjectId
  readonly address: ObjectId
  /** Id of the key that it is sealed with; undefined: it is public. */
  readonly sealed: string | undefined
  /** Opens it, and is kept nowhere. */
  readonly recoveryKey: string | undefined
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
    const sealing = request.seal && (await sealingOf(request.seal, signer))
    const slots = sealing && encodeSlots(sealing.table)
    const made = await createManifest({ account, name, log, slots, ...packageId }, signal)
    config.setNetwork(network, { ...known, package: made.packageId })
    const sealed = sealing && { sealed: sealing.table.keyId }
    config.setDrive(name, { network, manifest: made.id, key, ...sealed })
    config.save()
    const { recoveryKey } = sealing ?? { recoveryKey: undefined }
    return { name, network, manifest: made.id, address, sealed: sealed?.sealed, recoveryKey }
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

async function sealingOf(
  { wallet, passphrase, keyFile }: SealWish,
  signer: SuiKey,
): Promise<{ readonly table: SlotTable; readonly recoveryKey: string }> {
  const key = newDriveKey()
  const secret = randomBytes(secretBytes)
  const ways: (readonly [NewSlot, string])[] = [
    [{ kind: 'recovery', secret }, 'made with the drive'],
  ]
  if (wallet) {
    const recipient = signer.publicKey
    ways.push([{ kind: 'wallet', sender: signer, recipient }, 'the key of the drive'])
  }
  if (passphrase !== undefined) ways.push([{ kind: 'passphrase', passphrase }, ''])
  if (keyFile) ways.push([{ kind: 'key-file', secret: keyFile }, ''])
  const slots: KeySlot[] = []
  for (const [way, label] of ways) slots.push(await makeSlot(key, way, label, Date.now()))
  return { table: { keyId: driveKeysOf(key).id, slots }, recoveryKey: secretText(secret) }
}
