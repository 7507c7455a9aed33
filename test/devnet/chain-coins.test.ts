import { test } from 'tap'
import { createdOf, fundedAccount, startChain } from './chain-start.ts'

test('coins are split, transferred and merged', async (t) => {
  const chain = await startChain(t)
  const alice = await fundedAccount(chain)
  const bob = await fundedAccount(chain)
  const sent = await alice.succeed((tx) => {
    const [a, b] = tx.splitCoins(tx.gas, [1000, 2000])
    tx.mergeCoins(a!, [b!])
    tx.transferObjects([a!], bob.address)
  })
  const [coin] = createdOf(sent, '::sui::SUI>')
  t.ok(coin)
  const { object } = await bob.client.getObject({ objectId: coin!, include: { content: true } })
  t.equal(Buffer.from(object.content!).readBigUInt64LE(32), 3000n)
  t.match(object.owner, { AddressOwner: bob.address })
  const balance = await bob.client.getBalance({ owner: bob.address })
  t.equal(balance.balance.balance, String(10n ** 12n + 3000n))
})

test('gas is charged and storage deposits come back', async (t) => {
  const chain = await startChain(t)
  const alice = await fundedAccount(chain)
  const before = BigInt((await alice.client.getBalance({ owner: alice.address })).balance.balance)
  const sent = await alice.succeed((tx) => {
    tx.transferObjects([tx.splitCoins(tx.gas, [1])[0]!], alice.address)
  })
  const { gasUsed } = sent.effects!
  const net =
    BigInt(gasUsed.computationCost) + BigInt(gasUsed.storageCost) - BigInt(gasUsed.storageRebate)
  const after = BigInt((await alice.client.getBalance({ owner: alice.address })).balance.balance)
  t.equal(before - after, net)
  // A gas coin: 40 bytes of content, 1 of type, 89 more; 7600 MIST a byte, two coins.
  t.equal(gasUsed.storageCost, String(2 * 130 * 7600))
  t.equal(gasUsed.computationCost, '1000000')
  t.same(sent.balanceChanges, [
    { address: alice.address, coinType: sent.balanceChanges![0]!.coinType, amount: String(-net) },
  ])
})
