import { join } from 'node:path'
import { mkdirSync } from 'node:fs'
import { systemClock } from '../../runtime/clock.ts'
import { ChainState } from './chain-state.ts'
import { ChainTime } from './chain-time.ts'
import { loadIdentity } from './identity.ts'
import { Ledger } from './ledger/ledger.ts'
import { suiType } from './objects/object.ts'
import type { Currency } from './rpc/coin-info.ts'
import { executionService } from './rpc/execution-service.ts'
import { FullNode } from './rpc/full-node.ts'
import { historyService } from './rpc/history.ts'
import { ledgerService } from './rpc/ledger-service.ts'
import { packageService } from './rpc/package-service.ts'
import { Reads } from './rpc/reads.ts'
import { stateService } from './rpc/state-service.ts'
import { subscriptionService } from './rpc/subscription-service.ts'
import type { Chain, ChainFault, ChainOptions } from '../chain-view.ts'
import { walType } from '../contracts/addresses.ts'
import { endEpoch, makeWalrus, welcomeNodes } from '../contracts/walrus-genesis.ts'
import { devnetNatives } from '../contracts/walrus-natives.ts'
import { findWalrus, readWalrus } from '../contracts/walrus-objects.ts'
import type { WalrusObjects } from '../contracts/walrus-objects.ts'
import { RegistrationFile, WalrusView } from '../contracts/walrus-view.ts'
import { faucetPage, mint } from './faucet.ts'

const currencies: readonly Currency[] = [
  { type: suiType, decimals: 9, name: 'Sui', symbol: 'SUI' },
  { type: walType, decimals: 9, name: 'WAL Token', symbol: 'WAL' },
]

/** Opens the chain in a directory, a new one where there is none, and its full node on loopback. */
export async function openChain(options: ChainOptions): Promise<Chain> {
  const { directory } = options
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const clock = options.clock ?? systemClock
  const identity = loadIdentity(directory, clock.now())
  const time = new ChainTime(clock, identity.genesisMs)
  const file = new RegistrationFile(directory)
  const log = options.log.room('chain')
  const neededFrom = () => file.checkpoint + 1n
  const ledger = await Ledger.open({ directory: join(directory, 'ledger'), log, neededFrom })
  try {
    time.resume(ledger.transactions.at(ledger.transactions.last)?.timestampMs ?? 0n)
    const chain = new ChainState({ identity, time, ledger, natives: devnetNatives, log })
    const objects = walrusOf(chain, options)
    const view = new WalrusView(chain, objects, file)
    const reads = new Reads(chain)
    const node = await openNode(chain, reads, options)
    return assemble({ chain, objects, view, reads, node })
  } catch (error) {
    await ledger.close()
    throw error
  }
}

/** Walrus's objects, made on a new chain. */
function walrusOf(chain: ChainState, options: ChainOptions): WalrusObjects {
  const objects = findWalrus(chain)
  if (objects) welcomeNodes(chain, objects, options.nodes)
  else makeWalrus(chain, options)
  return objects ?? findWalrus(chain)!
}

function openNode(
  chain: ChainState,
  reads: Reads,
  { port, log, asked }: ChainOptions,
): Promise<FullNode> {
  return FullNode.open({
    port,
    methods: {
      ...ledgerService(chain, reads),
      ...historyService(chain, reads),
      ...stateService(chain, reads, currencies),
      ...packageService(chain),
      ...executionService(chain, reads),
      ...subscriptionService(chain, reads),
    },
    pages: { '/faucet': faucetPage(chain) },
    log: log.room('chain'),
    settled: () => chain.settled(),
    asked: asked ?? (async () => {}),
  })
}

interface Parts {
  readonly chain: ChainState
  readonly objects: WalrusObjects
  readonly view: WalrusView
  readonly reads: Reads
  readonly node: FullNode
}

function assemble({ chain, objects, view, reads, node }: Parts): Chain {
  const { prices, maxEpochsAhead } = readWalrus(chain, objects)
  return {
    url: node.url,
    faucetUrl: `${node.url}/faucet`,
    systemObjectId: objects.system,
    stakingPoolId: objects.staking,
    walType,
    prices,
    maxEpochsAhead,
    view,
    faucet: (recipient, amounts) => mint(chain, recipient, amounts),
    advanceEpoch: async (count = 1) => {
      for (let i = 0; i < count; i++) endEpoch(chain, objects)
      await chain.settled()
      return view.epoch
    },
    changeCommittee: async () => {
      endEpoch(chain, objects, true)
      await chain.settled()
      return view.epoch
    },
    advanceClock: (ms) => chain.time.advance(ms),
    setFault: (fault) => setFault(node, reads, fault),
    close: async () => {
      await node.close()
      await chain.settled()
      view.save()
      await chain.ledger.close()
    },
  }
}

async function setFault(
  node: FullNode,
  reads: Reads,
  fault: ChainFault | undefined,
): Promise<void> {
  const { troubles } = node
  switch (fault?.kind) {
    case undefined:
      Object.assign(troubles, { unavailable: false, delayMs: 0, answersToLose: 0 })
      node.hang(false)
      reads.freeze(false)
      return await node.refuse(false)
    case 'down':
      if (fault.how === 'unavailable') troubles.unavailable = true
      else await node.refuse(true)
      return
    case 'hang':
      return node.hang(true)
    case 'slow':
      troubles.delayMs = fault.delayMs
      return
    case 'lose-answer':
      troubles.answersToLose = fault.times
      return
    case 'stale':
      reads.freeze(true)
  }
}
