import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { driveKeysOf, newDriveKey } from '../../src/crypto/drive-keys.ts'
import { encodeSlots } from '../../src/crypto/key-slots.ts'
import { makeSlot } from '../../src/crypto/slot-kinds.ts'
import { Keystore } from '../../src/daemon/keystore.ts'
import type { SuiKey } from '../../src/store/chain/sui-key.ts'
import type { Pace } from '../../src/daemon/pace.ts'
import type { Devnet } from '../../src/devnet/devnet.ts'
import { createManifest } from '../../src/manifest/create-manifest.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { openSuiAccount } from '../../src/store/chain/sui-account.ts'
import { devnetParameters, type NetworkParameters } from '../../src/store/networks.ts'
import type { ObjectId } from '../../src/terms/object-id.ts'
import { TestDevnet } from '../devnet/start.ts'
import { noise } from '../writeback/files.ts'
import { limitMs } from './act.ts'
import { answered } from './answered.ts'
import { keyName, Machine, type MachineOptions, type Place } from './machine.ts'
import { clock } from './pace.ts'

/** 3f + 1 storage nodes, of one shard each. */
export const faults = 2
export const nodes = 3 * faults + 1

const long = 20
const coins = 10n ** 12n
/** Nodes that were away when `degraded` was stored. */
const away = [0, nodes - 1]

/** A network on loopback with a drive, which machines open. */
export class World implements Place {
  readonly devnet: Devnet
  readonly keys: Keystore
  readonly manifest: ObjectId
  readonly network: NetworkParameters
  /** What the drive holds, as far as it is committed. */
  readonly files = new Map<string, Buffer>()
  readonly #host: TestDevnet
  #aliveAt = 1
  readonly #scratch: string

  private constructor(host: TestDevnet, scratch: string, keys: Keystore, manifest: ObjectId) {
    this.devnet = host.devnet
    this.network = devnetParameters(host.status)
    this.keys = keys
    this.manifest = manifest
    this.#host = host
    this.#scratch = scratch
  }

  static async open(sealed: boolean): Promise<World> {
    const host = new TestDevnet({ nodes, shards: nodes, clock })
    await host.start()
    const scratch = mkdtempSync(join(tmpdir(), 'walrusfs-network-'))
    const keys = new Keystore(join(scratch, 'config'))
    const signer = keys.create(keyName)
    await host.devnet.faucet(signer.toSuiAddress(), { sui: coins, wal: coins })
    const network = devnetParameters(host.status)
    const account = openSuiAccount({ network, signer, log: silentLog })
    const never = new AbortController().signal
    const slots = sealed ? await slotsFor(signer) : undefined
    const { id } = await createManifest({ account, name: 'drive', log: silentLog, slots }, never)
    await account.close()
    return new World(host, scratch, keys, id)
  }

  /** Stores what the states read: a file that all nodes hold, and one that f of them miss. */
  async furnish(pace: Pace): Promise<void> {
    const here = await this.machine({ pace })
    try {
      await this.#store(here, 'calm', noise(60_000, 1))
      await here.drive.connection.store.settle(new AbortController().signal)
      for (const node of away) await this.devnet.fault(node, { kind: 'stop' })
      await this.#store(here, 'degraded', noise(70_000, 2))
      await here.drive.connection.store.settle(new AbortController().signal)
      await this.devnet.mend()
    } finally {
      await here.leave()
    }
  }

  /** What ends otherwise in the epochs that states let pass is paid for once more. */
  async keepAlive(here: Machine): Promise<void> {
    const { epoch } = this.devnet.status()
    if (epoch === this.#aliveAt) return
    this.#aliveAt = epoch
    await this.renew(here)
  }

  /** Everything lasts for long. */
  async renew({ drive }: Machine): Promise<void> {
    const signal = AbortSignal.timeout(limitMs)
    const { renewer } = drive.writable!
    await answered(() => renewer.renew({ epochs: long, dryRun: false }, signal))
  }

  /** Another machine, with nothing kept. */
  async machine(options: MachineOptions): Promise<Machine> {
    return Machine.open(this, mkdtempSync(join(this.#scratch, 'machine-')), options)
  }

  /** All is well again. */
  async mend(): Promise<void> {
    this.devnet.at(undefined)
    await this.devnet.mend()
    await this.devnet.suiFault(undefined)
  }

  async end(): Promise<void> {
    await this.#host.end()
    rmSync(this.#scratch, { recursive: true, force: true })
  }

  async #store(here: Machine, name: string, bytes: Buffer): Promise<void> {
    await here.write(name, bytes)
    await here.sync(new AbortController().signal)
    this.files.set(name, bytes)
  }
}

/** Key slots of a new drive: one, for the key that makes it. */
async function slotsFor(signer: SuiKey): Promise<Uint8Array> {
  const key = newDriveKey()
  const how = { kind: 'wallet', sender: signer, recipient: signer.publicKey } as const
  return encodeSlots({ keyId: driveKeysOf(key).id, slots: [await makeSlot(key, how, '', 0)] })
}
