import type { ChainFault } from './chain-view.ts'
import type { NodeFault } from './nodes/node-fault.ts'

/** A devnet as `walrusfs devnet status --json` prints it. */
export interface DevnetStatus {
  readonly directory: string
  readonly pid: number
  /** gRPC-web full node. */
  readonly suiUrl: string
  /** `POST {recipient, sui?, wal?}`. */
  readonly faucetUrl: string
  readonly systemObjectId: string
  readonly stakingPoolId: string
  readonly walType: string
  readonly epoch: number
  readonly epochDurationMs: number
  readonly maxEpochsAhead: number
  /** FROST (1e-9 WAL) per MiB of encoded bytes, as decimal texts: per epoch stored, and once when written. */
  readonly prices: { readonly storage: string; readonly write: string }
  /** Shards of all nodes. */
  readonly shards: number
  readonly nodes: readonly NodeStatus[]
  /** What is wrong with the full node. */
  readonly suiFaults: readonly ChainFault[]
  /** Certified blobs that have not ended. */
  readonly blobIds: readonly string[]
}

export interface NodeStatus {
  readonly name: string
  readonly url: string
  /** How many shards it has. */
  readonly shards: number
  readonly state: 'running' | 'stopped'
  readonly faults: readonly NodeFault[]
  /** Blobs on its disk. */
  readonly blobs: number
}
