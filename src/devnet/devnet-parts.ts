import { createECDH, hkdfSync } from 'node:crypto'
import { join } from 'node:path'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import { openChain } from './chain/open-chain.ts'
import type { Chain, ChainView, NodeIdentity } from './chain-view.ts'
import type { DevnetOptions } from './devnet-options.ts'
import { Alarm } from './alarm.ts'
import type { NetworkFile } from './network-file.ts'
import { NodeKey } from './nodes/node-key.ts'
import { NodeCommons } from './nodes/node-commons.ts'
import { StorageNode } from './nodes/storage-node.ts'

/** The chain and the storage nodes of a devnet. */
export interface DevnetParts {
  readonly chain: Chain
  readonly nodes: readonly StorageNode[]
  readonly alarm: Alarm
  /** Ends the epoch; each node goes on with the shards of another one, and what belongs to them. Resolves with the new epoch. */
  readonly changeCommittee: () => Promise<number>
}

interface NodePlan {
  readonly key: NodeKey
  readonly port: number
  readonly identity: NodeIdentity
}

const recoveryGraceMs = 5_000

/** Opens chain and nodes; what was opened before a failure is closed again. */
export async function openParts(
  options: DevnetOptions,
  network: NetworkFile,
  lifecycle: Lifecycle,
): Promise<DevnetParts> {
  const plans = Array.from({ length: network.nodes }, (_, at) => planOf(network, at))
  const alarm = new Alarm()
  const chain = await lifecycle.start('chain', async () => {
    const opened = await openChain({
      ...chainOptions(options, network, plans),
      asked: (what) => alarm.heard(what),
    })
    return [opened, () => opened.close()] as const
  })
  const commons = new NodeCommons({
    shards: network.shards,
    codec: options.codec,
    view: chain.view,
    recoveryGraceMs: options.recovery === false ? undefined : recoveryGraceMs,
    asked: (door) => alarm.heard(door),
  })
  const nodes: StorageNode[] = []
  const openAt = async (at: number): Promise<StorageNode> =>
    (nodes[at] = await openNode(options, plans[at]!, chain.view, commons))
  const opening = plans.map(({ identity }, at) =>
    lifecycle.start(identity.name, async () => {
      const node = await openAt(at)
      return [node, () => nodes[at]!.close()] as const
    }),
  )
  await Promise.allSettled(opening)
  await Promise.all(opening)
  const changeCommittee = async (): Promise<number> => {
    await Promise.all(nodes.map((node) => node.close()))
    const epoch = await chain.changeCommittee()
    await Promise.all(plans.map((_, at) => openAt(at)))
    return epoch
  }
  await lifecycle.start('verifier', async () => [commons, async () => commons.close()] as const)
  return { chain, nodes, alarm, changeCommittee }
}

/** Which shards it has the chain says; their slivers lie where the node was that had them first. */
function openNode(
  { directory, log }: DevnetOptions,
  { key, port, identity: { name } }: NodePlan,
  view: ChainView,
  commons: NodeCommons,
): Promise<StorageNode> {
  const shards = view.committee().members.find((member) => member.name === name)!.shards
  const first = `node-${Math.min(...shards) / shards.length}`
  const own = { name, directory: join(directory, 'nodes', first), log: log.room(`devnet ${name}`) }
  return StorageNode.open({ ...own, key, port, shards }, commons)
}

function chainOptions(
  { directory, log, clock }: DevnetOptions,
  network: NetworkFile,
  plans: readonly NodePlan[],
): Parameters<typeof openChain>[0] {
  const { storage, write } = network.prices
  return {
    directory: join(directory, 'chain'),
    port: network.suiPort,
    nodes: plans.map(({ identity }) => identity),
    prices: { storage: BigInt(storage), write: BigInt(write) },
    epochDurationMs: network.epochDurationMs,
    maxEpochsAhead: network.maxEpochsAhead,
    log: log.room('devnet chain'),
    ...(clock && { clock }),
  }
}

/** Node `at` of the network: its keys come from the seed, its shards are neighbours. */
function planOf(network: NetworkFile, at: number): NodePlan {
  const seed = Buffer.from(network.seed, 'hex')
  const name = `node-${at}`
  const key = NodeKey.derive(seed, name)
  const port = network.nodePorts[at]!
  const each = network.shards / network.nodes
  const shards = Array.from({ length: each }, (_, shard) => at * each + shard)
  const networkKey = networkKeyOf(seed, name)
  const address = `127.0.0.1:${port}`
  return { key, port, identity: { name, address, publicKey: key.publicKey, networkKey, shards } }
}

/** A secp256r1 public key, compressed: real nodes prove themselves with it in TLS. */
function networkKeyOf(seed: Uint8Array, name: string): Uint8Array {
  const secret = Buffer.from(hkdfSync('sha256', seed, '', `walrusfs devnet network ${name}`, 31))
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(secret)
  return ecdh.getPublicKey(null, 'compressed')
}
