import type { AlarmTime } from './alarm.ts'
import type { Chain, ChainFault } from './chain-view.ts'
import type { DevnetStatus } from './devnet-status.ts'
import type { NodeFault, NodeFaultKind } from './nodes/node-fault.ts'
import type { StorageNode } from './nodes/storage-node.ts'

/** A running devnet: a Sui full node and Walrus storage nodes on loopback. */
export interface Devnet {
  readonly directory: string
  readonly chain: Chain
  readonly nodes: readonly StorageNode[]
  status(): DevnetStatus
  /** Mints coins to an address. Amounts in MIST and FROST; what is left out is not minted. */
  faucet(
    recipient: string,
    amounts: { readonly sui?: bigint; readonly wal?: bigint },
  ): Promise<void>
  /** Ends the current Walrus epoch, as many times as asked; resolves with the new one. */
  advanceEpoch(count?: number): Promise<number>
  /** Ends the current epoch, and each storage node has the shards of another one; resolves with the new epoch. */
  changeCommittee(): Promise<number>
  /** Does something, once, in the middle of what somebody asks of the network, which waits for it. Undefined: nothing any more. */
  at(time: AlarmTime | undefined, what?: () => Promise<void>): void
  /** Ends the epoch so; with `moving`, each storage node has the shards of another one. */
  epochAt(time: AlarmTime, moving: boolean): void
  /** Sets a fault of a storage node, given by number or name. One of the same kind is replaced. */
  fault(node: number | string, fault: NodeFault): Promise<void>
  /** Ends faults: of one kind or all, of one storage node or all. A stopped node starts. */
  mend(what?: { readonly node?: number | string; readonly kind?: NodeFaultKind }): Promise<void>
  /** Sets a fault of the full node; undefined ends all of them. */
  suiFault(fault: ChainFault | undefined): Promise<void>
  /** Ends everything and gives the directory free. */
  close(): Promise<void>
}
