import { BandwidthTable } from '../runtime/bandwidth-table.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import type { Log } from '../runtime/log.ts'
import { StoreError } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { Trouble } from '../terms/trouble.ts'
import type { Config } from './config-schema.ts'
import { connect } from './connection.ts'
import { usualPace } from './pace.ts'
import { networkOf } from './networks.ts'

const chunkBytes = 4 << 20

export interface BlobRequest {
  readonly blob: BlobId
  /** Undefined: the only network of the configuration, else mainnet. */
  readonly network: string | undefined
  readonly config: Config
  readonly log: Log
}

/** The bytes of any blob, each checked against its id. Throws Trouble `not-found`, `unreachable`. */
export async function* blobBytes(
  request: BlobRequest,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { blob, config, log } = request
  const network = networkOf(request.network ?? onlyNetwork(config) ?? 'mainnet', config)
  const lifecycle = new Lifecycle()
  try {
    const { store } = await connect(
      network,
      undefined,
      { codec: 'auto', pace: usualPace, bandwidth: BandwidthTable.parse('off') },
      lifecycle,
      log,
    )
    const size = await store.size(blob, signal)
    for (let at = 0; at < size; at += chunkBytes) {
      yield await store.read(blob, at, Math.min(chunkBytes, size - at), signal)
    }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    const code = error.code === 'not-found' ? 'not-found' : 'unreachable'
    throw new Trouble(code, `the blob ${blob} on ${network.name}: ${error.message}`, {
      cause: error,
    })
  } finally {
    await lifecycle.stop(() => {})
  }
}

function onlyNetwork({ networks }: Config): string | undefined {
  const names = Object.keys(networks)
  return names.length === 1 ? names[0] : undefined
}
