import type { BlobId } from '../terms/blob-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'

/** A storage node as the chain is told of it at genesis. The address may change between starts, the rest may not. */
export interface NodeIdentity {
  readonly name: string
  /** `host:port` of its HTTP door. */
  readonly address: string
  /** BLS12-381 G1, compressed: 48 bytes. */
  readonly publicKey: Uint8Array
  /** secp256r1 of its network door, compressed: 33 bytes. */
  readonly networkKey: Uint8Array
  readonly shards: readonly number[]
}

/** A member of the committee. Members are sorted by node id: bit i of a signers bitmap is member i. */
export interface CommitteeMember extends NodeIdentity {
  readonly nodeId: ObjectId
}

export interface Committee {
  readonly epoch: number
  /** All shards of all members. */
  readonly shards: number
  readonly members: readonly CommitteeMember[]
}

/** Which event of which transaction. */
export interface EventId {
  /** Base58. */
  readonly transaction: string
  readonly sequence: number
}

/** One blob object that has not ended: somebody paid for this blob. */
export interface BlobObject {
  readonly objectId: ObjectId
  readonly deletable: boolean
  readonly registeredEpoch: number
  /** Undefined until a certificate came. */
  readonly certifiedEpoch: number | undefined
  /** First epoch in which it is no longer stored. */
  readonly endEpoch: number
  /** The last event about it. */
  readonly event: EventId
}

/** What the chain knows of a blob id, from its live blob objects. */
export interface Registration {
  readonly blobId: BlobId
  /** Unencoded bytes. */
  readonly size: number
  readonly encodingType: number
  /** Never empty. */
  readonly objects: readonly BlobObject[]
  /** Some object is certified. */
  readonly certified: boolean
  /** The latest end of its objects. */
  readonly endEpoch: number
}

/** Walrus's events that a storage node acts on, in the order of the chain. */
export type WalrusEvent =
  | {
      readonly type: 'BlobRegistered'
      readonly id: EventId
      readonly epoch: number
      readonly blobId: BlobId
      readonly size: number
      readonly encodingType: number
      readonly endEpoch: number
      readonly deletable: boolean
      readonly objectId: ObjectId
    }
  | {
      readonly type: 'BlobCertified'
      readonly id: EventId
      readonly epoch: number
      readonly blobId: BlobId
      readonly endEpoch: number
      readonly deletable: boolean
      readonly objectId: ObjectId
      /** Only the end epoch moved. */
      readonly isExtension: boolean
    }
  | {
      readonly type: 'BlobDeleted'
      readonly id: EventId
      readonly epoch: number
      readonly blobId: BlobId
      readonly endEpoch: number
      readonly objectId: ObjectId
      readonly wasCertified: boolean
    }
  | { readonly type: 'EpochChanged'; readonly id: EventId; readonly epoch: number }

/**
 * What storage nodes see of the chain. Everything here is already durable, and `registration` reflects an event
 * before its listeners run. Events are not repeated after a restart: a node compares what it holds with
 * `registration` when it starts.
 */
export interface ChainView {
  /** Walrus's epoch. */
  readonly epoch: number
  committee(): Committee
  /** Undefined when no blob object of this id is live in the current epoch. */
  registration(blobId: BlobId): Registration | undefined
  /** Every blob id with a live registration. */
  registrations(): Iterable<Registration>
  /** Events found from now on, one call each; returns the function that ends it. Listeners must not throw. */
  onEvent(listener: (event: WalrusEvent) => void): () => void
}

/** FROST (1e-9 WAL) per MiB of encoded bytes. */
export interface WalrusPrices {
  /** Per epoch stored. */
  readonly storage: bigint
  /** Once, at registration. */
  readonly write: bigint
}

/**
 * Troubles of the full node, until cleared or the process ends.
 * - `down`: connections are refused (`refuse`), or every call answers UNAVAILABLE.
 * - `hang`: calls are taken and never answered.
 * - `slow`: every answer waits.
 * - `lose-answer`: the next `times` executions are carried out, then the connection is cut instead of answering.
 * - `stale`: reads and simulations see the chain as it was when the fault was set; executions see the present.
 */
export type ChainFault =
  | { readonly kind: 'down'; readonly how?: 'refuse' | 'unavailable' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'lose-answer'; readonly times: number }
  | { readonly kind: 'stale' }

export interface ChainOptions {
  /** Holds the chain's log and snapshots; made when absent. One process at a time (the caller locks). */
  readonly directory: string
  /** Loopback port of the full node. 0 takes a free one. */
  readonly port: number
  /** At genesis: who stores. Later: must be the same nodes; their addresses may have changed. */
  readonly nodes: readonly NodeIdentity[]
  /** Used at genesis only. */
  readonly prices: WalrusPrices
  /** Milliseconds, as the staking object tells it. Epochs change by `advanceEpoch` alone. Used at genesis only. */
  readonly epochDurationMs: number
  /** How far ahead storage can be bought. Used at genesis only. */
  readonly maxEpochsAhead: number
  readonly log: Log
  /** Called before a transaction is simulated or executed; what it returns is waited for. */
  readonly asked?: (what: 'simulation' | 'execution') => Promise<void>
  /** @default the machine's clock */
  readonly clock?: Clock
}

/** A Sui full node stand-in with Walrus's contracts, on loopback. */
export interface Chain {
  /** gRPC-web, for `SuiGrpcClient`. */
  readonly url: string
  /** `POST {recipient, sui?, wal?}` (amounts in MIST and FROST, as numbers or strings). */
  readonly faucetUrl: string
  readonly systemObjectId: ObjectId
  readonly stakingPoolId: ObjectId
  /** `…::wal::WAL`. */
  readonly walType: string
  readonly prices: WalrusPrices
  readonly maxEpochsAhead: number
  readonly view: ChainView
  /** Mints coins to an address. Amounts in MIST and FROST; what is left out is not minted. */
  faucet(recipient: string, amounts: { sui?: bigint; wal?: bigint }): Promise<void>
  /** Ends the current Walrus epoch, as many times as asked; resolves with the new epoch. */
  advanceEpoch(count?: number): Promise<number>
  /** Ends the current epoch, and each node has the shards of another one; resolves with the new epoch. */
  changeCommittee(): Promise<number>
  /** Moves Sui's clock (object 0x6) ahead of the machine's. */
  advanceClock(ms: number): void
  /** Undefined clears all faults. A fault replaces one of the same kind. */
  setFault(fault: ChainFault | undefined): Promise<void>
  /** Ends the server and closes the log. */
  close(): Promise<void>
}
