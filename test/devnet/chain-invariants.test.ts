import { Transaction } from '@mysten/sui/transactions'
import fc from 'fast-check'
import { test } from 'tap'
import { parseObjectId } from '../../src/terms/object-id.ts'
import type { ObjectId } from '../../src/terms/object-id.ts'
import { ChainState } from '../../src/devnet/chain/chain-state.ts'
import { ChainTime } from '../../src/devnet/chain/chain-time.ts'
import { readTransaction } from '../../src/devnet/chain/execution/transaction.ts'
import { mint } from '../../src/devnet/chain/faucet.ts'
import { makeGenesis } from '../../src/devnet/chain/genesis.ts'
import { loadIdentity } from '../../src/devnet/chain/identity.ts'
import { Ledger } from '../../src/devnet/chain/ledger/ledger.ts'
import { objectDigest } from '../../src/devnet/chain/objects/object-bcs.ts'
import { coinValue, refOf, suiCoinType } from '../../src/devnet/chain/objects/object.ts'
import type { MoveObject } from '../../src/devnet/chain/objects/object.ts'
import type { GrpcTypes } from '@mysten/sui/grpc'
import { devnetNatives } from '../../src/devnet/contracts/walrus-natives.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { temporaryDirectory } from './chain-start.ts'

const owners = ['0xa', '0xb', '0xc'].map(parseObjectId)

const step = fc.record({
  sender: fc.nat(2),
  recipient: fc.nat(2),
  amounts: fc.array(fc.nat(2_000_000), { maxLength: 4 }),
  merge: fc.boolean(),
  giveGas: fc.boolean(),
  coins: fc.integer({ min: 1, max: 4 }),
  budget: fc.constantFrom(1_000_000, 3_000_000, 9_000_000),
  spoil: fc.integer({ min: 0, max: 5 }),
})

function coinsOf(chain: ChainState, owner: ObjectId): MoveObject[] {
  return chain.ledger.objects
    .ownedBy(owner)
    .filter((object): object is MoveObject => object.kind === 'object')
    .filter((object) => object.type === suiCoinType)
}

function total(chain: ChainState, of: (object: MoveObject) => bigint): bigint {
  let sum = 0n
  for (const object of chain.ledger.objects.all()) if (object.kind === 'object') sum += of(object)
  return sum
}

const allCoins = (chain: ChainState) =>
  total(chain, (object) => (object.type === suiCoinType ? coinValue(object) : 0n))
const allDeposits = (chain: ChainState) => total(chain, (object) => object.storageRebate)

async function transactionOf(
  chain: ChainState,
  {
    sender,
    recipient,
    amounts,
    merge,
    giveGas,
    coins,
    budget,
    spoil,
  }: typeof step extends fc.Arbitrary<infer T> ? T : never,
) {
  const tx = new Transaction()
  const owned = coinsOf(chain, owners[sender]!)
  tx.setSender(owners[sender]!)
  tx.setGasPayment(owned.slice(0, coins).map(refOf))
  tx.setGasBudget(budget)
  tx.setGasPrice(1000)
  const others = owned.slice(coins, coins + 3)
  if (merge && others.length > 0)
    tx.mergeCoins(
      tx.gas,
      others.map((coin) => tx.objectRef(refOf(coin))),
    )
  if (amounts.length > 0) {
    const parts = tx.splitCoins(tx.gas, amounts)
    tx.transferObjects(
      amounts.map((_, i) => parts[i]!),
      owners[recipient]!,
    )
  }
  if (spoil === 0) tx.splitCoins(tx.gas, [10n ** 18n])
  if (giveGas) tx.transferObjects([tx.gas], owners[recipient]!)
  if (amounts.length === 0 && !giveGas) tx.splitCoins(tx.gas, [0])
  return readTransaction(await tx.build())
}

test('no transaction makes or loses money, and all books agree', async (t) => {
  const directory = temporaryDirectory(t)
  const identity = loadIdentity(directory, 0)
  const ledger = await Ledger.open({ directory: `${directory}/ledger`, log: silentLog })
  t.teardown(() => ledger.close())
  const time = new ChainTime(systemClock, 0)
  const chain = new ChainState({ identity, time, ledger, natives: devnetNatives, log: silentLog })
  makeGenesis(chain, [])
  for (const owner of owners)
    for (let i = 0; i < 3; i++) await mint(chain, owner, { sui: 100_000_000n })
  let executed = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      for (const each of steps) {
        if (coinsOf(chain, owners[each.sender]!).length === 0) continue
        const [money, deposits] = [allCoins(chain), allDeposits(chain)]
        const transaction = await transactionOf(chain, each)
        const inputs = chain.inputs(transaction)
        const paying = inputs.gas.reduce((sum, { object }) => sum + coinValue(object), 0n)
        if (paying < BigInt(each.budget)) continue
        const message = chain.execute(transaction, inputs, [])
        executed++
        check(chain, message, { money, deposits })
      }
    }),
    { numRuns: 120 },
  )
  t.ok(executed > 100, `${executed} transactions`)
  for (const object of chain.ledger.objects.all()) {
    if (object.kind !== 'object') continue
    const { version, owner, previousTransaction, storageRebate, contents } = object
    const data = { type: chain.types.resolveDatatype(object.type), contents }
    const digest = objectDigest({ version, owner, previousTransaction, storageRebate, data })
    if (digest !== object.digest) t.fail(`the digest of ${object.id} is wrong`)
  }
})

function check(
  chain: ChainState,
  { effects, balanceChanges }: GrpcTypes.ExecutedTransaction,
  before: { money: bigint; deposits: bigint },
): void {
  const gas = effects!.gasUsed!
  const net = gas.computationCost! + gas.storageCost! - gas.storageRebate!
  if (allCoins(chain) !== before.money - net) throw new Error('money was made or lost')
  const released = gas.storageRebate! + gas.nonRefundableStorageFee!
  if (allDeposits(chain) !== before.deposits + gas.storageCost! - released)
    throw new Error('deposits do not add up')
  const moved = balanceChanges.reduce((sum, change) => sum + BigInt(change.amount!), 0n)
  if (moved !== -net) throw new Error('balance changes do not add up')
  for (const change of effects!.changedObjects) {
    const object = chain.ledger.objects.get(change.objectId as ObjectId)
    if (object?.digest !== change.outputDigest) throw new Error('effects and objects differ')
    if (object && object.version !== effects!.lamportVersion) throw new Error('a wrong version')
  }
}
