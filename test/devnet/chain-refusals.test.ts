import { bcs } from '@mysten/sui/bcs'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { Secp256k1Keypair } from '@mysten/sui/keypairs/secp256k1'
import { Secp256r1Keypair } from '@mysten/sui/keypairs/secp256r1'
import { Inputs, Transaction } from '@mysten/sui/transactions'
import { t as root, test } from 'tap'
import type { Account } from './chain-start.ts'
import { clientOf, fundedAccount, startChain } from './chain-start.ts'

const shared = startChain(root)

/** A signed payment of one MIST to oneself; `change` may spoil it before it is built. */
async function payment(account: Account, change: (transaction: Transaction) => void = () => {}) {
  const transaction = new Transaction()
  transaction.setSender(account.address)
  transaction.transferObjects([transaction.splitCoins(transaction.gas, [1])[0]!], account.address)
  change(transaction)
  const bytes = await transaction.build({ client: account.client })
  const { signature } = await account.keypair.signTransaction(bytes)
  return { bytes, signature }
}

async function gasCoin({ client, address }: Account) {
  const { objects } = await client.listCoins({ owner: address })
  return objects[0]!
}

const execute = (account: Account, bytes: Uint8Array, ...signatures: string[]) =>
  account.client.core.executeTransaction({
    transaction: bytes,
    signatures,
    include: { effects: true },
  })

test('a transaction that was signed by another is refused', async (t) => {
  const alice = await fundedAccount(await shared)
  const { bytes, signature } = await payment(alice)
  const other = await new Ed25519Keypair().signTransaction(bytes)
  await t.rejects(execute(alice, bytes, other.signature), {
    code: 'INVALID_ARGUMENT',
    message: /Invalid user signature.*not signed by the correct sender/,
  })
  await t.rejects(execute(alice, bytes), { message: /Expect 1 signer signatures but got 0/ })
  await t.rejects(execute(alice, bytes, signature, signature), { message: /Expect 1 signer/ })
  const broken = Buffer.from(signature, 'base64')
  broken[10]! ^= 1
  await t.rejects(execute(alice, bytes, broken.toString('base64')), {
    message: /Invalid user signature/,
  })
  t.equal((await execute(alice, bytes, signature)).$kind, 'Transaction')
})

test('signatures of other kinds are verified, too', async (t) => {
  const chain = await shared
  for (const keypair of [new Secp256k1Keypair(), new Secp256r1Keypair()]) {
    const address = keypair.toSuiAddress()
    await chain.faucet(address, { sui: 10n ** 10n })
    const client = clientOf(chain)
    const transaction = new Transaction()
    transaction.setSender(address)
    transaction.transferObjects([transaction.splitCoins(transaction.gas, [1])[0]!], address)
    const bytes = await transaction.build({ client })
    const forged = await new (keypair.constructor as typeof Secp256k1Keypair)().signTransaction(
      bytes,
    )
    await t.rejects(
      client.core.executeTransaction({ transaction: bytes, signatures: [forged.signature] }),
      { message: /Invalid user signature/ },
    )
    const { signature } = await keypair.signTransaction(bytes)
    const result = await client.core.executeTransaction({
      transaction: bytes,
      signatures: [signature],
    })
    t.equal(result.$kind, 'Transaction')
  }
})

test('a sponsor pays when both have signed', async (t) => {
  const chain = await shared
  const [alice, sponsor] = [await fundedAccount(chain), await fundedAccount(chain)]
  const coin = await gasCoin(sponsor)
  const transaction = new Transaction()
  transaction.setSender(alice.address)
  transaction.setGasOwner(sponsor.address)
  transaction.setGasPayment([coin])
  transaction.makeMoveVec({ type: 'u8', elements: [transaction.pure.u8(1)] })
  const bytes = await transaction.build({ client: alice.client })
  const [first, second] = [
    await alice.keypair.signTransaction(bytes),
    await sponsor.keypair.signTransaction(bytes),
  ]
  await t.rejects(execute(alice, bytes, first.signature), { message: /Expect 2 signer/ })
  const result = await execute(alice, bytes, first.signature, second.signature)
  t.equal(result.$kind, 'Transaction')
  const { balance } = await alice.client.getBalance({ owner: alice.address })
  t.equal(balance.balance, String(10n ** 12n))
})

test('an executed transaction that comes again gets the first answer', async (t) => {
  const alice = await fundedAccount(await shared)
  const { bytes, signature } = await payment(alice)
  const first = await execute(alice, bytes, signature)
  const second = await execute(alice, bytes, signature)
  t.same(second, first)
  const both = await Promise.all([
    execute(alice, bytes, signature),
    execute(alice, bytes, signature),
  ])
  t.same(both, [first, first])
})

test('a stale version of an owned object is refused in words that tell the present one', async (t) => {
  const alice = await fundedAccount(await shared)
  const [first, second] = [await payment(alice), await payment(alice, (tx) => tx.setGasBudget(9e6))]
  await execute(alice, first.bytes, first.signature)
  await t.rejects(execute(alice, second.bytes, second.signature), {
    code: 'INVALID_ARGUMENT',
    message:
      /Transaction needs to be rebuilt because object 0x[0-9a-f]{64} version 0x\w+ is unavailable for consumption, current version: 0x\w+/,
  })
})

test('what belongs to somebody else cannot be used', async (t) => {
  const chain = await shared
  const [alice, bob] = [await fundedAccount(chain), await fundedAccount(chain)]
  const coin = await gasCoin(bob)
  const take = (transaction: Transaction) => {
    transaction.transferObjects([transaction.objectRef(coin)], alice.address)
  }
  await t.rejects(payment(alice, take), {
    message: /not signed by the correct sender: Object .* is owned by account address/,
  })
  await t.rejects(
    payment(alice, (tx) => tx.setGasPayment([coin])),
    { message: /not signed by the correct sender/ },
  )
})

test('a reference with another digest, or to nothing, is refused', async (t) => {
  const alice = await fundedAccount(await shared)
  const coin = await gasCoin(alice)
  const wrong = { ...coin, digest: '11111111111111111111111111111112' }
  await t.rejects(
    payment(alice, (tx) => tx.setGasPayment([wrong])),
    { message: /Invalid Object digest/ },
  )
  await t.rejects(
    payment(alice, (tx) => tx.setGasPayment([{ ...coin, objectId: '0x99' }])),
    { message: /Could not find the referenced object/ },
  )
})

test('shared objects must be named as what they are', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  const { object } = await alice.client.getObject({ objectId: chain.systemObjectId })
  await t.rejects(
    payment(alice, (tx) =>
      tx.moveCall({ target: '0x2::object::id_to_address', arguments: [tx.objectRef(object)] }),
    ),
    { message: /Shared object .* used as an owned object/ },
  )
  const call = (initialSharedVersion: string, objectId = object.objectId) =>
    payment(alice, (tx) =>
      tx.moveCall({
        target: '0x2::clock::timestamp_ms',
        arguments: [
          tx.object(Inputs.SharedObjectRef({ objectId, initialSharedVersion, mutable: false })),
        ],
      }),
    )
  await t.rejects(call('99'), { message: /start version does not match/ })
  const coin = await gasCoin(alice)
  await t.rejects(call('1', coin.objectId), { message: /used as shared is not shared/ })
})

test('gas must suffice, in price, budget and coins', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  const coin = await gasCoin(alice)
  const refused = (change: (transaction: Transaction) => void, message: RegExp) =>
    t.rejects(
      payment(alice, (tx) => {
        tx.setGasPayment([coin])
        tx.setGasPrice(1000)
        tx.setGasBudget(10_000_000)
        change(tx)
      }).then(({ bytes, signature }) => execute(alice, bytes, signature)),
      { message },
    )
  await refused((tx) => tx.setGasPrice(999), /Gas price 999 under reference gas price \(RGP\) 1000/)
  await refused((tx) => tx.setGasBudget(50_000_000_001), /budget: 50000000001 is higher than max/)
  await refused((tx) => tx.setGasBudget(999_999), /budget: 999999 is lower than min: 1000000/)
  const poor = new (alice.constructor as typeof Account)(chain)
  await t.rejects(payment(poor), {
    message: /Unable to perform gas selection due to insufficient SUI/,
  })
  await chain.faucet(poor.address, { sui: 3_000_000n })
  const small = await gasCoin(poor)
  const { bytes, signature } = await payment(poor, (tx) => {
    tx.setGasPayment([small])
    tx.setGasPrice(1000)
    tx.setGasBudget(4_000_000)
  })
  await t.rejects(execute(poor, bytes, signature), {
    message: /Balance of gas object 3000000 is lower than the needed amount: 4000000/,
  })
})

test('a budget that does not cover the storage fails and is charged', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  const coin = await gasCoin(alice)
  const tight = async (budget: number) => {
    const transaction = new Transaction()
    transaction.setSender(alice.address)
    transaction.setGasPayment([await gasCoin(alice)])
    transaction.setGasPrice(1000)
    transaction.setGasBudget(budget)
    const parts = transaction.splitCoins(transaction.gas, [1, 2, 3, 4, 5, 6])
    transaction.transferObjects(
      [...Array(6).keys()].map((i) => parts[i]!),
      alice.address,
    )
    const bytes = await transaction.build({ client: undefined as never })
    const { signature } = await alice.keypair.signTransaction(bytes)
    return await execute(alice, bytes, signature)
  }
  const failed = await tight(3_000_000)
  t.equal(failed.$kind, 'FailedTransaction')
  const { effects, status } = failed.FailedTransaction!
  t.match(status.error, { message: /InsufficientGas/ })
  t.equal(effects.changedObjects.length, 1)
  t.equal(effects.gasObject!.objectId, coin.objectId)
  const parsed = bcs.TransactionEffects.parse(effects.bcs!)
  t.match(parsed.V2!.status, { Failure: { error: { InsufficientGas: true } } })
  const { balance } = await alice.client.getBalance({ owner: alice.address })
  const cost =
    BigInt(effects.gasUsed.computationCost) +
    BigInt(effects.gasUsed.storageCost) -
    BigInt(effects.gasUsed.storageRebate)
  t.equal(BigInt(balance.balance), 10n ** 12n - cost)
  t.equal((await tight(20_000_000)).$kind, 'Transaction')
})

test('several gas coins become one, also when the transaction fails', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  await chain.faucet(alice.address, { sui: 500n })
  await chain.faucet(alice.address, { sui: 700n })
  const { objects: coins } = await alice.client.listCoins({ owner: alice.address })
  const transaction = new Transaction()
  transaction.setSender(alice.address)
  transaction.setGasPayment(coins)
  transaction.setGasPrice(1000)
  transaction.setGasBudget(20_000_000)
  transaction.splitCoins(transaction.gas, [10n ** 13n])
  const bytes = await transaction.build({ client: undefined as never })
  const { signature } = await alice.keypair.signTransaction(bytes)
  const failed = await execute(alice, bytes, signature)
  t.match(failed.FailedTransaction?.status.error, { message: /InsufficientCoinBalance/ })
  const after = await alice.client.listCoins({ owner: alice.address })
  t.same(
    after.objects.map((coin) => coin.objectId),
    [coins[0]!.objectId],
  )
  const changes = failed.FailedTransaction!.effects.changedObjects
  t.equal(changes.filter((change) => change.idOperation === 'Deleted').length, 2)
  const gas = failed.FailedTransaction!.effects.gasUsed
  const net = BigInt(gas.computationCost) + BigInt(gas.storageCost) - BigInt(gas.storageRebate)
  t.equal(BigInt(after.objects[0]!.balance), 10n ** 12n + 1200n - net)
})

test('a transaction whose time is over is refused', async (t) => {
  const chain = await startChain(t)
  const alice = await fundedAccount(chain)
  chain.advanceClock(3 * 86_400_000)
  const expired = (tx: Transaction) => tx.setExpiration({ Epoch: 1 })
  await t.rejects(payment(alice, expired), { message: /Transaction Expired/ })
  const { bytes, signature } = await payment(alice, (tx) => tx.setExpiration({ Epoch: 3 }))
  t.equal((await execute(alice, bytes, signature)).$kind, 'Transaction')
})
