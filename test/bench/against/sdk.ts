import { SuiGrpcClient } from '@mysten/sui/grpc'
import { WalrusClient } from '@mysten/walrus'
import type { DevnetStatus } from '../../../src/devnet/devnet-status.ts'
import type { Machine } from '../../e2e/machine.ts'
import { seconds } from '../harness/in-turn.ts'

/** How long `readBlob` of the official SDK takes for one blob. */
export interface SdkRead {
  readonly bytes: number
  readonly seconds: number
}

/** Reads the largest of a drive's first blobs, which is a pack of the usual size, with a client that knows nothing yet. */
export class SdkReader {
  readonly #devnet: DevnetStatus
  readonly #known: ReadonlySet<string>
  #largest: string | undefined

  private constructor(devnet: DevnetStatus, known: ReadonlySet<string>) {
    this.#devnet = devnet
    this.#known = known
  }

  /** Of the blobs that are stored while `storing` runs. */
  static async of(machine: Machine, storing: () => Promise<unknown>): Promise<SdkReader> {
    const status = (): Promise<DevnetStatus> => machine.json<DevnetStatus>('devnet', 'status')
    const before = await status()
    await storing()
    return new SdkReader(await status(), new Set(before.blobIds))
  }

  /** The blob that is read, once it was. */
  get blob(): { readonly id: string; readonly devnet: DevnetStatus } {
    if (this.#largest === undefined) throw new Error('nothing was read yet')
    return { id: this.#largest, devnet: this.#devnet }
  }

  /** Of the network. */
  get shards(): number {
    return this.#devnet.shards
  }

  async read(): Promise<SdkRead> {
    if (this.#largest !== undefined) return this.#read(this.#largest)
    const fresh = this.#devnet.blobIds.filter((id) => !this.#known.has(id))
    let best: SdkRead = { bytes: 0, seconds: NaN }
    for (const blobId of fresh.slice(0, blobsLookedAt)) {
      const one = await this.#read(blobId)
      if (one.bytes > best.bytes) [best, this.#largest] = [one, blobId]
    }
    return best
  }

  async #read(blobId: string): Promise<SdkRead> {
    const { suiUrl, systemObjectId, stakingPoolId } = this.#devnet
    const walrus = new WalrusClient({
      packageConfig: { systemObjectId, stakingPoolId },
      suiClient: new SuiGrpcClient({ network: 'localnet', baseUrl: suiUrl }),
      storageNodeUrlScheme: 'http',
    })
    let bytes = 0
    const took = await seconds(async () => (bytes = (await walrus.readBlob({ blobId })).length))
    return { bytes, seconds: took }
  }
}

const blobsLookedAt = 3
