import type { ControlProgress } from '../control/protocol.ts'
import { walText } from '../renewal/wal.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import type { Log } from '../runtime/log.ts'
import type { BlobStore } from '../store/blob-store.ts'
import { StoreError } from '../store/blob-store.ts'
import type { NetworkParameters } from '../store/networks.ts'
import { Trouble, type TroubleCode } from '../terms/trouble.ts'
import { connect, type Connection } from './connection.ts'
import type { Directories } from './directories.ts'
import type { Keystore } from './keystore.ts'
import { localFiles } from './publish-files.ts'
import { publishQuilts, type PublishedQuilt } from './publish-quilts.ts'
import type { DriveSettings } from './settings.ts'

export interface PublishRequest {
  readonly directory: string
  readonly network: NetworkParameters
  readonly key: string
  readonly keys: Keystore
  readonly directories: Directories
  readonly settings: DriveSettings
  readonly permanent: boolean
  readonly log: Log
  readonly progress: (progress: ControlProgress) => void
}

/** What was published, and what that cost. */
export interface Published {
  readonly network: string
  readonly quilts: readonly PublishedQuilt[]
  /** FROST (1e-9 WAL), decimal: 0 where everything was stored already. */
  readonly paid: string
  readonly leftOut: readonly string[]
}

/** What is done with the quilts once they are stored, with the same key. */
export type Afterwards = (
  connection: Connection,
  quilts: readonly PublishedQuilt[],
  signal: AbortSignal,
) => Promise<void>

/**
 * Stores the files of a directory as quilts that anybody can read. After any failure it may be repeated: what was paid for is not paid
 * for again. Throws Trouble, which says what was paid.
 */
export async function publishDirectory(
  request: PublishRequest,
  signal: AbortSignal,
  afterwards: Afterwards = async () => {},
): Promise<Published> {
  const { network, keys, key, settings, permanent, directories, log, progress } = request
  const { files, leftOut } = localFiles(request.directory)
  const lifecycle = new Lifecycle()
  try {
    const payer = { keys, name: key }
    const connection = await connect(network, payer, settings, lifecycle, log)
    const { store } = connection
    const payment = await Payment.begin(store, signal).catch((error: unknown) => {
      throw publishTrouble(error, request, 'nothing was paid')
    })
    const { epochs } = settings
    const scratch = directories.cache
    try {
      const wishes = { files, store, epochs, permanent, scratch, progress }
      const quilts = await publishQuilts(wishes, signal)
      await afterwards(connection, quilts, signal)
      const paid = String(await payment.paid(signal))
      return { network: network.name, quilts, paid, leftOut }
    } catch (error) {
      throw publishTrouble(error, request, await payment.text())
    }
  } finally {
    await lifecycle.stop(() => {})
  }
}

/** What the account has less than before. */
class Payment {
  readonly #store: BlobStore
  readonly #before: bigint

  private constructor(store: BlobStore, before: bigint) {
    this.#store = store
    this.#before = before
  }

  static async begin(store: BlobStore, signal: AbortSignal): Promise<Payment> {
    return new Payment(store, (await store.balances(signal)).wal)
  }

  async paid(signal: AbortSignal): Promise<bigint> {
    const less = this.#before - (await this.#store.balances(signal)).wal
    return less > 0n ? less : 0n
  }

  async text(): Promise<string> {
    try {
      const paid = await this.paid(AbortSignal.timeout(10_000))
      if (paid === 0n) return 'nothing was paid'
      return `${walText(paid)} were paid for storage, which the same command takes again`
    } catch {
      return 'what was paid cannot be seen now; the same command takes it again'
    }
  }
}

const codes: Readonly<Partial<Record<StoreError['code'], TroubleCode>>> = {
  'no-gas': 'no-gas',
  'no-wal': 'no-wal',
  unreachable: 'unreachable',
  'lost-answer': 'unreachable',
  'stale-epoch': 'unreachable',
  'too-large': 'usage',
}

function publishTrouble(error: unknown, { network }: PublishRequest, paid: string): unknown {
  if (error instanceof Trouble && error.code !== 'interrupted') return error
  if (!(error instanceof Error)) return error
  const code = error instanceof StoreError ? codes[error.code] : undefined
  const known = error instanceof Trouble ? error.code : code
  if (!(error instanceof StoreError) && known === undefined) return error
  return new Trouble(
    known ?? 'failed',
    `not everything was published on ${network.name} (${error.message}); ${paid}`,
    { cause: error },
  )
}
