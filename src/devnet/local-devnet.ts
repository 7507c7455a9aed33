import type { Lifecycle } from '../runtime/lifecycle.ts'
import type { Log } from '../runtime/log.ts'
import { Trouble } from '../terms/trouble.ts'
import type { AlarmTime } from './alarm.ts'
import type { Chain, ChainFault } from './chain-view.ts'
import { ControlDoor } from './control-door.ts'
import type { Devnet } from './devnet-api.ts'
import type { DevnetOptions } from './devnet-options.ts'
import type { DevnetParts } from './devnet-parts.ts'
import { devnetHandler } from './devnet-requests.ts'
import type { DevnetStatus, NodeStatus } from './devnet-status.ts'
import type { NetworkFile } from './network-file.ts'
import { nodeFaultKinds, type NodeFault, type NodeFaultKind } from './nodes/node-fault.ts'
import type { StorageNode } from './nodes/storage-node.ts'

/** The devnet of this process. */
export class LocalDevnet implements Devnet {
  readonly directory: string
  readonly chain: Chain
  readonly nodes: readonly StorageNode[]
  readonly #parts: DevnetParts
  readonly #network: NetworkFile
  readonly #close: () => Promise<void>
  readonly #log: Log
  readonly #suiFaults = new Map<ChainFault['kind'], ChainFault>()
  #closing: Promise<void> | undefined

  private constructor(
    { directory, log }: Pick<DevnetOptions, 'directory' | 'log'>,
    network: NetworkFile,
    parts: DevnetParts,
    close: () => Promise<void>,
  ) {
    this.directory = directory
    this.chain = parts.chain
    this.nodes = parts.nodes
    this.#parts = parts
    this.#log = log
    this.#network = network
    this.#close = close
  }

  /** Opens the control door of parts that run. `close` ends the lifecycle. */
  static async open(
    { directory, log, onStop }: DevnetOptions,
    network: NetworkFile,
    parts: DevnetParts,
    lifecycle: Lifecycle,
    close: () => Promise<void>,
  ): Promise<LocalDevnet> {
    const devnet = new LocalDevnet({ directory, log }, network, parts, close)
    await lifecycle.start('control door', async () => {
      const handler = devnetHandler(devnet, onStop ?? (() => void devnet.close()))
      const door = await ControlDoor.open(directory, handler, log.room('devnet'))
      return [door, () => door.close()] as const
    })
    return devnet
  }

  status(): DevnetStatus {
    const { chain } = this
    const certified = [...chain.view.registrations()].filter((blob) => blob.certified)
    return {
      directory: this.directory,
      pid: process.pid,
      suiUrl: chain.url,
      faucetUrl: chain.faucetUrl,
      systemObjectId: chain.systemObjectId,
      stakingPoolId: chain.stakingPoolId,
      walType: chain.walType,
      epoch: chain.view.epoch,
      epochDurationMs: this.#network.epochDurationMs,
      maxEpochsAhead: chain.maxEpochsAhead,
      prices: { storage: String(chain.prices.storage), write: String(chain.prices.write) },
      shards: this.#network.shards,
      nodes: this.nodes.map(nodeStatus),
      suiFaults: [...this.#suiFaults.values()],
      blobIds: certified.map(({ blobId }) => blobId),
    }
  }

  faucet(
    recipient: string,
    amounts: { readonly sui?: bigint; readonly wal?: bigint },
  ): Promise<void> {
    return this.chain.faucet(recipient, amounts)
  }

  advanceEpoch(count?: number): Promise<number> {
    return this.chain.advanceEpoch(count)
  }

  changeCommittee(): Promise<number> {
    return this.#parts.changeCommittee()
  }

  at(time: AlarmTime | undefined, what: () => Promise<void> = async () => {}): void {
    if (time) this.#parts.alarm.set(time, what)
    else this.#parts.alarm.clear()
  }

  epochAt(time: AlarmTime, moving: boolean): void {
    const isOfNode = time.at !== 'simulation' && time.at !== 'execution'
    this.at(time, async () => {
      const ended = moving ? this.changeCommittee() : this.advanceEpoch()
      // Nodes whose shards move end what they were asked for: they cannot wait for themselves.
      if (moving && isOfNode) ended.catch((error: unknown) => this.#log.error(String(error)))
      else await ended
    })
  }

  async fault(node: number | string, fault: NodeFault): Promise<void> {
    await this.#node(node).setFault(fault)
  }

  async mend(
    what: { readonly node?: number | string; readonly kind?: NodeFaultKind } = {},
  ): Promise<void> {
    const nodes = what.node === undefined ? this.nodes : [this.#node(what.node)]
    const kinds = what.kind === undefined ? nodeFaultKinds : [what.kind]
    for (const node of nodes) for (const kind of kinds) await node.clearFault(kind)
  }

  async suiFault(fault: ChainFault | undefined): Promise<void> {
    await this.chain.setFault(fault)
    if (fault) this.#suiFaults.set(fault.kind, fault)
    else this.#suiFaults.clear()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #node(which: number | string): StorageNode {
    const node = this.nodes.find(({ name }, at) => name === which || String(at) === String(which))
    if (node) return node
    throw new Trouble(
      'usage',
      `there is no storage node ${which}: they are numbered 0 to ${this.nodes.length - 1}`,
    )
  }
}

function nodeStatus(node: StorageNode): NodeStatus {
  const { name, url, faults, blobs } = node
  const state = faults.some(({ kind }) => kind === 'stop') ? 'stopped' : 'running'
  return { name, url, shards: node.shards.length, state, faults, blobs }
}
