import { Trouble } from '../terms/trouble.ts'
import { toleratedFaults } from '../redstuff/parameters.ts'
import type { Codec } from '../redstuff/codec.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { WalrusPrices } from './chain-view.ts'

/** What can be chosen when a network is made; afterwards it stays so. */
export interface NetworkChoice {
  /** Storage nodes. @default 4 */
  readonly nodes?: number
  /** Shards of all nodes together, up to 1000. @default the first multiple of `nodes` from 32 on */
  readonly shards?: number
  /** Loopback port of the full node. @default a free one */
  readonly suiPort?: number
  /** Loopback ports of the storage nodes, from this one on. @default free ones */
  readonly basePort?: number
  /** FROST per MiB. @default 100 per epoch, 50 per write */
  readonly prices?: WalrusPrices
  /** What the chain says an epoch lasts; epochs change on request only. @default two weeks */
  readonly epochDurationMs?: number
  /** How many epochs ahead storage can be bought. @default 53 */
  readonly maxEpochsAhead?: number
}

export interface DevnetOptions extends NetworkChoice {
  /** Holds all of the network; made when absent. A network that is there goes on, with the choices it was made with. */
  readonly directory: string
  /** Verifies slivers. Closed by the caller, after the devnet. */
  readonly codec: Codec
  readonly log: Log
  /** Storage nodes rebuild what they missed while they were down, a few seconds after it was certified. @default true */
  readonly recovery?: boolean
  /** The time of the chain. @default the machine's clock */
  readonly clock?: Clock
  /** Called when somebody asks through the control door to stop: the caller is to close the devnet. */
  readonly onStop?: () => void
}

const maxShards = 1000
const minShards = 4
const leastDefaultShards = 32

/** Nodes and shards of a new network. Throws Trouble `usage` for what cannot work. */
export function networkSize(choice: NetworkChoice): { nodes: number; shards: number } {
  const nodes = choice.nodes ?? 4
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > maxShards) {
    throw new Trouble('usage', `a devnet has 1 to ${maxShards} storage nodes, not ${nodes}`)
  }
  const shards = choice.shards ?? Math.ceil(leastDefaultShards / nodes) * nodes
  if (!Number.isInteger(shards) || shards < minShards || shards > maxShards) {
    throw new Trouble('usage', `a devnet has ${minShards} to ${maxShards} shards, not ${shards}`)
  }
  if (shards % nodes !== 0) {
    throw new Trouble(
      'usage',
      `${shards} shards cannot be shared equally by ${nodes} nodes: take ${Math.ceil(shards / nodes) * nodes}`,
    )
  }
  return { nodes, shards }
}

/**
 * What a person should know of a network of this size, if anything. With equal shards and 3f + 1 nodes any f may
 * fail; with other numbers the official client may collect too few signatures (it counts nodes, the contract counts
 * shards).
 */
export function sizeWarning(nodes: number): string | undefined {
  const faults = toleratedFaults(nodes)
  if (nodes < 4) return `with ${nodes} storage nodes none may fail: take 4 or more`
  if (nodes === 3 * faults + 1) return undefined
  return (
    `${nodes} storage nodes are not 3f + 1: the official client may fail to certify when some are down; ` +
    `${3 * faults + 1} or ${3 * faults + 4} are safe`
  )
}
