import { Pool } from 'undici'
import { codeParameters } from '../../../src/redstuff/parameters.ts'
import type { DevnetStatus } from '../../../src/devnet/devnet-status.ts'
import { seconds } from '../harness/in-turn.ts'

/** What it is called in tables. */
export const rowsFetched = 'the rows fetched over HTTP and dropped'

/** Requests to one node at a time. */
const connections = 8

/** Where a row is: the node that holds it, and the path there. */
interface Place {
  readonly pool: Pool
  readonly path: string
}

/**
 * Fetches the rows that hold a blob's bytes from the nodes that have them, and drops them: nothing is checked, kept, or handed
 * to a kernel. No reader of the blob can be quicker on this machine.
 */
export class RowFetcher {
  readonly #pools: readonly Pool[]
  readonly #places: readonly Place[]

  private constructor(pools: readonly Pool[], places: readonly Place[]) {
    this.#pools = pools
    this.#places = places
  }

  /** Looks for the rows of a blob of so many bytes. */
  static async of(devnet: DevnetStatus, blobId: string, bytes: number): Promise<RowFetcher> {
    const { primarySymbols, primarySliverBytes } = codeParameters(devnet.shards, bytes)
    const rows = Math.min(primarySymbols, Math.ceil(bytes / primarySliverBytes))
    const pools = devnet.nodes.map(({ url }) => new Pool(url, { connections }))
    const places: Place[] = []
    for (let row = 0; row < rows; row++) {
      places.push(await holderOf(pools, `/v1/blobs/${blobId}/slivers/${row}/primary`))
    }
    return new RowFetcher(pools, places)
  }

  /** Seconds that all rows take, asked for at once. */
  async fetch(): Promise<number> {
    return seconds(() => Promise.all(this.#places.map(drop)))
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.close()))
  }
}

async function holderOf(pools: readonly Pool[], path: string): Promise<Place> {
  for (const pool of pools) {
    if ((await drop({ pool, path })) === 200) return { pool, path }
  }
  throw new Error(`no node has ${path}`)
}

/** The status of the answer, whose body goes nowhere. */
async function drop({ pool, path }: Place): Promise<number> {
  const { statusCode, body } = await pool.request({ path, method: 'GET' })
  for await (const _ of body);
  return statusCode
}
