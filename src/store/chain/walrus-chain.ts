import { normalizeStructTag } from '@mysten/sui/utils'
import type { WalrusClient } from '@mysten/walrus'
import type { Clock } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import { SingleFlight } from '../../runtime/single-flight.ts'
import { parseObjectId } from '../../terms/object-id.ts'
import { abortable } from '../abortable.ts'
import { StoreError } from '../blob-store.ts'
import { committeeOf, nodeOrigin } from '../nodes/committee.ts'
import type { Committee, StorageNode } from '../nodes/committee.ts'
import { storeErrorOf } from './store-errors.ts'
import type { SuiAccount } from './sui-account.ts'
import { openWalrusClient } from './walrus-client.ts'
import { parsePool } from './walrus-layouts.ts'

/** What the chain says of Walrus at one moment. */
export interface WalrusState {
  readonly epoch: number
  readonly shards: number
  readonly epochDurationMs: number
  readonly maxEpochsAhead: number
  /** FROST per MiB of encoded bytes. */
  readonly storagePrice: bigint
  readonly writePrice: bigint
  readonly committee: Committee
  /** While shards move from one committee to the next: who had them before and still serves them. */
  readonly previous: Committee | undefined
}

type SystemState = Awaited<ReturnType<WalrusClient['systemState']>>
type StakingState = Awaited<ReturnType<WalrusClient['stakingState']>>
type ShardTable = readonly { readonly key: string; readonly value: readonly number[] }[]

/** How old a state may grow before it is read anew behind the back of whoever asks. */
const staleMs = 60_000

/**
 * Walrus as its contract objects show it. What was read is kept until someone asks for it anew: the SDK itself keeps
 * a committee for ever, a failed one, too.
 */
export class WalrusChain {
  readonly account: SuiAccount
  /** The SDK's client, for commands and layouts. What it keeps is dropped with every refresh. */
  readonly walrus: WalrusClient
  readonly #log: Log
  readonly #flights = new SingleFlight<'refresh', WalrusState>()
  readonly #clock: Clock
  readonly #learned: (state: WalrusState) => void
  #state: WalrusState | undefined
  #readMs = 0
  #walType: string | undefined

  constructor(
    account: SuiAccount,
    log: Log,
    clock: Clock,
    /** Told each state that was read. */
    learned: (state: WalrusState) => void,
  ) {
    this.account = account
    this.#log = log
    this.#clock = clock
    this.#learned = learned
    this.walrus = openWalrusClient(account)
  }

  /** The state as last read, not much older than a minute if the chain can be reached; read now if it never was. */
  async state(signal: AbortSignal): Promise<WalrusState> {
    signal.throwIfAborted()
    const state = this.#state
    if (!state) return this.refresh(signal)
    if (this.#clock.now() - this.#readMs > staleMs) this.#refreshBehind()
    return state
  }

  /** The state as last read, without waiting. */
  get known(): WalrusState | undefined {
    return this.#state
  }

  /** Reads the state anew. Throws StoreError; what was known stays known. */
  async refresh(signal: AbortSignal): Promise<WalrusState> {
    return abortable(
      this.#flights.run('refresh', () => this.#read()),
      signal,
    )
  }

  /** The coin type of WAL: that of the coin which staking takes (the SDK finds it in the same way). */
  async walType(signal: AbortSignal): Promise<string> {
    this.#walType ??= await abortable(this.#readWalType(), signal)
    return this.#walType
  }

  /** What the account has of a coin, in its smallest unit. Throws StoreError; `not-owner` without a key. */
  async balance(coinType: string, signal: AbortSignal): Promise<bigint> {
    const owner = this.account.queue?.address
    if (owner === undefined) throw new StoreError('not-owner', 'there is no key')
    try {
      const { balance } = await this.account.client.core.getBalance({ owner, coinType, signal })
      return BigInt(balance.balance)
    } catch (error) {
      signal.throwIfAborted()
      throw storeErrorOf(error)
    }
  }

  async #readWalType(): Promise<string> {
    try {
      const [packageId] = (await this.walrus.getBlobType()).split('::')
      const { core } = this.account.client
      const query = { packageId: packageId!, moduleName: 'staking', name: 'stake_with_pool' }
      const { body } = (await core.getMoveFunction(query)).function.parameters[1]!
      const coin = body.$kind === 'datatype' ? body.datatype.typeParameters[0] : undefined
      if (coin?.$kind === 'datatype') return normalizeStructTag(coin.datatype.typeName)
    } catch (error) {
      throw storeErrorOf(error)
    }
    throw new StoreError('rejected', 'the network does not tell what WAL is')
  }

  #refreshBehind(): void {
    this.#readMs = this.#clock.now()
    this.refresh(new AbortController().signal).catch((error: unknown) => {
      this.#log.debug('Walrus cannot be read anew', { reason: String(error) })
    })
  }

  async #read(): Promise<WalrusState> {
    try {
      const { system, staking } = await this.#contracts()
      const before = this.#state
      const { epoch, n_shards: shards } = system.committee
      const order = system.committee.members.map(({ node_id }) => node_id)
      const tables = tablesOf(staking)
      const pools = await this.#pools(tables)
      const committee = committeeFrom(epoch, shards, tables.current, pools, order)
      this.#state = {
        epoch,
        shards,
        epochDurationMs: Number(staking.epoch_duration),
        maxEpochsAhead: system.future_accounting.length,
        storagePrice: BigInt(system.storage_price_per_unit_size),
        writePrice: BigInt(system.write_price_per_unit_size),
        committee,
        previous: tables.previous && committeeFrom(epoch - 1, shards, tables.previous, pools, []),
      }
      this.#readMs = this.#clock.now()
      this.#learned(this.#state)
      if (before && before.epoch !== epoch) this.#log.info('Walrus is in a new epoch', { epoch })
      return this.#state
    } catch (error) {
      throw storeErrorOf(error)
    }
  }

  /** Both objects as of one epoch: between the two reads it may have changed. */
  async #contracts(): Promise<{ readonly system: SystemState; readonly staking: StakingState }> {
    for (let tried = 1; ; tried++) {
      this.walrus.reset()
      const [system, staking] = await Promise.all([
        this.walrus.systemState(),
        this.walrus.stakingState(),
      ])
      if (system.committee.epoch === staking.epoch) return { system, staking }
      if (tried >= 3) throw new StoreError('unreachable', 'the full node shows two epochs at once')
    }
  }

  async #pools(tables: ReturnType<typeof tablesOf>): Promise<Map<string, StorageNode>> {
    const ids = [...tables.current, ...(tables.previous ?? [])].map(({ key }) => key)
    const objectIds = [...new Set(ids)]
    const { client, network } = this.account
    const { objects } = await client.core.getObjects({ objectIds, include: { content: true } })
    const nodes = new Map<string, StorageNode>()
    for (const object of objects) {
      if (object instanceof Error) throw object
      const id = parseObjectId(object.objectId)
      // One node that cannot be read must not take the others away: it counts as one that is down.
      const nobody = { name: id, address: '', publicKey: new Uint8Array(48) }
      const { name, address, publicKey } = parsePool(object.content) ?? nobody
      const url = nodeOrigin(network.nodeScheme, address)
      if (!url) this.#log.warn('a storage node without a usable address', { name, address })
      nodes.set(id, { id, index: -1, name, url, publicKey, shards: [] })
    }
    return nodes
  }
}

function tablesOf(staking: StakingState): {
  readonly current: ShardTable
  readonly previous: ShardTable | undefined
} {
  const moving = staking.epoch_state.$kind === 'EpochChangeSync'
  const [{ contents: current }] = staking.committee
  const [{ contents: previous }] = staking.previous_committee
  return { current, previous: moving && previous.length > 0 ? previous : undefined }
}

/** `order` is that of the signers bitmap; without it the table's own is taken. */
function committeeFrom(
  epoch: number,
  shards: number,
  table: ShardTable,
  pools: ReadonlyMap<string, StorageNode>,
  order: readonly string[],
): Committee {
  const nodes = table.map(({ key, value }, place) => {
    const at = order.indexOf(key)
    return { ...pools.get(parseObjectId(key))!, index: at < 0 ? place : at, shards: value }
  })
  return committeeOf(
    epoch,
    shards,
    nodes.sort((a, b) => a.index - b.index),
  )
}
