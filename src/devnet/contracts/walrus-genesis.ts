import { fromBase64 } from '@mysten/sui/utils'
import type { ChainState } from '../chain/chain-state.ts'
import { frameworkLinks, makeGenesis } from '../chain/genesis.ts'
import type { GenesisPackage } from '../chain/genesis.ts'
import { callSystem, pure } from '../chain/system-calls.ts'
import type { ChainOptions, NodeIdentity } from '../chain-view.ts'
import { walPackage, walrusOriginal, walrusPackage, walrusVersion } from './addresses.ts'
import { modules } from './bytecode.ts'
import { readWalrus } from './walrus-objects.ts'
import type { WalrusObjects } from './walrus-objects.ts'

/** Encoded bytes that all nodes together take: a pebibyte, more than any devnet sees. */
const totalCapacity = 1n << 50n

const wal = { id: walPackage, originalId: walPackage, version: 1n }
const walrusLinks = [...frameworkLinks, wal]

/** Walrus is there twice, as on the real networks: the first version names types, the present one is called. */
function genesisPackages(): GenesisPackage[] {
  const code = modules.map((text) => fromBase64(text))
  const walrus = { originalId: walrusOriginal, modules: code, dependencies: walrusLinks }
  return [
    { ...wal, modules: code, dependencies: frameworkLinks },
    { ...walrus, id: walrusOriginal, version: 1n },
    { ...walrus, id: walrusPackage, version: walrusVersion },
  ]
}

/** Makes the first objects of a new chain, Walrus's among them. */
export function makeWalrus(chain: ChainState, options: ChainOptions): void {
  makeGenesis(chain, genesisPackages())
  const { nodes, prices } = options
  callSystem(chain, {
    package: walrusPackage,
    module: 'devnet',
    function: 'genesis',
    arguments: [
      pure.strings(nodes.map((node) => node.name)),
      pure.strings(nodes.map((node) => node.address)),
      pure.byteStrings(nodes.map((node) => node.publicKey)),
      pure.byteStrings(nodes.map((node) => node.networkKey)),
      pure.shardLists(nodes.map((node) => node.shards)),
      pure.u64(totalCapacity),
      pure.u64(prices.storage),
      pure.u64(prices.write),
      pure.u32(options.maxEpochsAhead),
      pure.u64(BigInt(options.epochDurationMs)),
      pure.u64(chain.time.now()),
      pure.address(walrusPackage),
    ],
  })
}

/** Tells the chain where its nodes are now. Throws when they are not the nodes that it was made with. */
export function welcomeNodes(
  chain: ChainState,
  objects: WalrusObjects,
  nodes: readonly NodeIdentity[],
): void {
  const { members } = readWalrus(chain, objects).committee
  if (members.length !== nodes.length)
    throw new Error(`the chain was made with ${members.length} storage nodes, not ${nodes.length}`)
  for (const node of nodes) {
    const member = members.find(({ publicKey }) => Buffer.from(publicKey).equals(node.publicKey))
    if (!member || member.name !== node.name || member.shards.length !== node.shards.length)
      throw new Error(`storage node ${node.name} is not one that the chain was made with`)
    if (member.address === node.address) continue
    callSystem(chain, {
      package: walrusPackage,
      module: 'devnet',
      function: 'set_network_address',
      arguments: [
        { shared: objects.staking },
        pure.address(member.nodeId),
        pure.string(node.address),
      ],
    })
  }
}

/** Ends the current epoch; with `moving`, each node has the shards of another one in the next. */
export function endEpoch(
  chain: ChainState,
  { system, staking }: WalrusObjects,
  moving = false,
): void {
  callSystem(chain, {
    package: walrusPackage,
    module: 'devnet',
    function: moving ? 'change_committee' : 'advance_epoch',
    arguments: [{ shared: system }, { shared: staking }, pure.u64(chain.time.now())],
  })
}
