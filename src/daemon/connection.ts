import { openCodec } from '../redstuff/open-codec.ts'
import type { Seen } from '../manifest/sightings.ts'
import { openManifest } from '../manifest/open-manifest.ts'
import { ManifestError, type Manifest } from '../manifest/manifest.ts'
import { isGone } from '../renewal/kept-snapshots.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import type { Log } from '../runtime/log.ts'
import { Bandwidth } from '../runtime/bandwidth.ts'
import { NetworkSwitch } from '../runtime/network-switch.ts'
import type { BlobStore } from '../store/blob-store.ts'
import { openSuiAccount, type SuiAccount } from '../store/chain/sui-account.ts'
import { LimitedStore } from '../store/limited-store.ts'
import type { NetworkParameters } from '../store/networks.ts'
import { SwitchedStore } from '../store/switched-store.ts'
import { WalrusStore } from '../store/walrus-store.ts'
import type { FsError } from '../terms/errno.ts'
import { Trouble } from '../terms/trouble.ts'
import type { DriveReference } from './drive-reference.ts'
import type { Keystore } from './keystore.ts'
import type { Pace } from './pace.ts'
import type { DriveSettings } from './settings.ts'

/** The network as a drive sees it. */
export interface Connection {
  readonly network: NetworkParameters
  readonly account: SuiAccount
  readonly store: BlobStore
  readonly pace: Pace
  /** Whether any of it may be used now. */
  readonly switch: NetworkSwitch
  /** How fast it may be. */
  readonly bandwidth: Bandwidth
}

/** So much is done at a time for one drive. */
const concurrency = { reads: 32, encodes: 1, uploads: 2 }

/** Encoded packs in memory while they are sent, slivers on their way, rows on their way, and rows that are kept. */
const storeMemory = {
  encodedBytes: 160 << 20,
  readAheadBytes: 48 << 20,
  rowCacheBytes: 24 << 20,
  uploadBytes: 24 << 20,
}

/** Packs of more than a quarter of the usual size are encoded from file to file, in a window. */
const codecMemory = {
  memoryBytes: 96 << 20,
  streamFromBytes: 16 << 20,
  windowBytes: 64 << 20,
}

/** Connects to a network with a key, or without one to read only. Nothing is sent yet, and nothing ever while it is offline. */
export async function connect(
  network: NetworkParameters,
  key: { readonly keys: Keystore; readonly name: string } | undefined,
  { codec: kind, pace, bandwidth: table }: Pick<DriveSettings, 'codec' | 'pace' | 'bandwidth'>,
  lifecycle: Lifecycle,
  log: Log,
  isOffline = false,
): Promise<Connection> {
  const door = new NetworkSwitch(isOffline)
  const bandwidth = new Bandwidth(table, pace.clock)
  const signer = key?.keys.load(key.name)
  const account = await lifecycle.start('full node', async () => {
    const { clock, fullNode } = pace
    const opened = openSuiAccount({ network, signer, log, clock, ...fullNode })
    return [opened, () => opened.close()] as const
  })
  const codec = await lifecycle.start('codec', async () => {
    const opened = await openCodec({ codec: kind, ...codecMemory })
    return [opened, () => opened.close()] as const
  })
  const store = await lifecycle.start('store', async () => {
    const { clock } = pace
    const opened = new WalrusStore({
      account,
      codec,
      log,
      clock,
      bandwidth,
      ...storeMemory,
      ...pace.store,
    })
    const limited = new LimitedStore(opened, concurrency)
    return [new SwitchedStore(limited, door), () => opened.close()] as const
  })
  return { network, account, store, pace, switch: door, bandwidth }
}

/** What a manifest is opened for; `sign`: to keep its blobs alive, as a writer where the key is one. */
export type ManifestAccess = 'read' | 'sign' | 'write'

/** The drive's manifest. Throws Trouble: `unknown-drive`, `format`, `unreachable`, `wrong-key`, `rolled-back`. */
export async function manifestOf(
  { account, network, pace: { clock } }: Connection,
  drive: DriveReference,
  access: ManifestAccess,
  seen: Seen,
  log: Log,
  signal: AbortSignal,
): Promise<Manifest> {
  const readOnly = access === 'read'
  const asked = { account, id: drive.manifest, readOnly, seen, log, clock }
  const manifest = await openManifest(asked, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    throw troubleOf(error, drive, network)
  })
  if (access !== 'write' || manifest.writer) return manifest
  throw new Trouble(
    'wrong-key',
    `the key ${drive.key} owns no capability to change the drive ${drive.name}; nothing was changed: use the key that made it, ask its owner for a capability, or mount with --read-only`,
  )
}

function troubleOf(error: unknown, drive: DriveReference, network: NetworkParameters): unknown {
  if (!(error instanceof ManifestError)) return error
  const cause = { cause: error }
  switch (error.code) {
    case 'not-found':
    case 'rejected':
      return new Trouble(
        'unknown-drive',
        `${drive.manifest} on ${network.name} is not the manifest of a drive (${error.message})`,
        cause,
      )
    case 'wrong-schema':
      return new Trouble(
        'format',
        `${error.message}; nothing was changed: use a newer version`,
        cause,
      )
    case 'unreachable':
      return unreachable(network, error)
    case 'rolled-back':
      return new Trouble(
        'rolled-back',
        `the drive ${drive.name}: ${error.message} and nothing was changed: wait and try again, use another full node (networks.${network.name}.suiUrl instead of ${network.suiUrl}), or, if you know that the older state is right, mount it once with --accept-rollback`,
        cause,
      )
    case 'conflict':
    case 'leased':
    case 'read-only':
    case 'inline-full':
    case 'no-gas':
    case 'no-wal':
    case 'lost-answer':
      return error
  }
}

/** What the drive begins with cannot be had from the storage nodes. */
export function unreadable(
  drive: DriveReference,
  { network, store, switch: door }: Connection,
  cause: FsError,
): Trouble {
  if (isGone(cause)) {
    return new Trouble(
      'damaged',
      `the drive ${drive.name} cannot be read: ${cause.message}, where its root record lies; nothing was changed: if its storage has ended, walrusfs revive ${drive.name} on a machine that has it in its cache stores it anew`,
      { cause },
    )
  }
  if (door.isOffline) {
    return new Trouble(
      'unreachable',
      `the drive ${drive.name} cannot be opened offline: where its tree begins is not in the disk cache; nothing was changed: mount it with the network`,
      { cause },
    )
  }
  const nodes = store.health()
  const ill = nodes
    .filter(({ state }) => state !== 'ok')
    .map((node) => `${node.name} ${node.state}`)
  const who = ill.length > 0 ? `; of ${nodes.length} storage nodes ${ill.join(', ')}` : ''
  return new Trouble(
    'unreachable',
    `the drive ${drive.name} cannot be read from ${network.name} now (${cause.message}${who}); nothing was changed: try again later`,
    { cause },
  )
}

/** The full node does not answer. */
export function unreachable(network: NetworkParameters, cause: Error): Trouble {
  const mend =
    network.name === 'devnet' ? 'start it with: walrusfs devnet start' : 'try again later'
  return new Trouble(
    'unreachable',
    `the full node ${network.suiUrl} of ${network.name} does not answer (${cause.message}); what is stored is safe: ${mend}`,
    { cause },
  )
}
