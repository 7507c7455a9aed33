import { Transaction } from '@mysten/sui/transactions'
import { setTimeout as later } from 'node:timers/promises'
import { test } from 'tap'
import { latestCheckpointMs } from '../../src/store/chain/latest-checkpoint.ts'
import { Account, fundedAccount, startChain } from './chain-start.ts'

async function signed(account: Account, amount: number) {
  const tx = new Transaction()
  tx.setSender(account.address)
  tx.transferObjects([tx.splitCoins(tx.gas, [amount])[0]!], account.address)
  const transaction = await tx.build({ client: account.client })
  const { signature } = await account.keypair.signTransaction(transaction)
  return { transaction, signatures: [signature], digest: await tx.getDigest() }
}

const balanceOf = async ({ client, address }: Account) =>
  (await client.getBalance({ owner: address })).balance.balance

const latest = async ({ client }: Account) =>
  (await latestCheckpointMs(client, new AbortController().signal))!

test('a node that is down refuses connections until it is up again', async (t) => {
  const chain = await startChain(t)
  const alice = await fundedAccount(chain)
  await chain.setFault({ kind: 'down' })
  await t.rejects(balanceOf(alice), { message: /fetch failed/ })
  await chain.setFault({ kind: 'down' })
  await chain.faucet(alice.address, { sui: 1n })
  await chain.setFault(undefined)
  t.equal(await balanceOf(alice), String(10n ** 12n + 1n))
})

test('a node that is unavailable says so', async (t) => {
  const chain = await startChain(t)
  const alice = await fundedAccount(chain)
  await chain.setFault({ kind: 'down', how: 'unavailable' })
  await t.rejects(balanceOf(alice), { code: 'UNAVAILABLE' })
  await chain.setFault(undefined)
  await t.resolves(balanceOf(alice))
})

test('a lost answer is that of a transaction that was carried out', async (t) => {
  const chain = await startChain(t)
  const alice = await fundedAccount(chain)
  const { digest, ...payment } = await signed(alice, 5)
  await chain.setFault({ kind: 'lose-answer', times: 1 })
  await t.rejects(alice.client.core.executeTransaction(payment))
  t.ok((await alice.client.getTransaction({ digest })).Transaction)
  const again = await alice.client.core.executeTransaction(payment)
  t.equal(again.Transaction?.digest, digest)
})

test('a slow node answers in the end', async (t) => {
  const chain = await startChain(t)
  const alice = await fundedAccount(chain)
  await chain.setFault({ kind: 'slow', delayMs: 200 })
  const begun = performance.now()
  await balanceOf(alice)
  t.ok(performance.now() - begun >= 199)
  await chain.setFault(undefined)
})

test('a node that stands still shows the past and executes in the present', async (t) => {
  const chain = await startChain(t)
  const alice = await fundedAccount(chain)
  const before = await balanceOf(alice)
  const early = await signed(alice, 5)
  await later(10)
  await chain.setFault({ kind: 'stale' })
  const then = await latest(alice)
  t.ok(
    Math.abs(then - Date.now()) < 60_000,
    'a checkpoint of a moment ago, though nothing happened',
  )
  const first = await alice.client.core.executeTransaction({
    transaction: early.transaction,
    signatures: early.signatures,
    include: { effects: true },
  })
  t.equal(first.$kind, 'Transaction')
  t.equal(await balanceOf(alice), before)
  await later(10)
  t.equal(await latest(alice), then, 'and no newer one')
  await t.rejects(alice.client.getTransaction({ digest: early.digest }), { message: /not found/ })
  const built = await signed(alice, 6)
  await t.rejects(
    alice.client.core.executeTransaction({
      transaction: built.transaction,
      signatures: built.signatures,
    }),
    { message: /needs to be rebuilt/ },
  )
  await chain.setFault(undefined)
  t.not(await balanceOf(alice), before)
  t.ok((await latest(alice)) > then)
  t.ok((await alice.client.getTransaction({ digest: early.digest })).Transaction)
})

test('the faucet gives what is asked for, over HTTP too', async (t) => {
  const chain = await startChain(t)
  const nobody = new Account(chain)
  const post = (body: string) => fetch(chain.faucetUrl, { method: 'POST', body })
  const ask = (body: object) => post(JSON.stringify(body))
  t.equal((await ask({ recipient: nobody.address, sui: 12, wal: '34' })).status, 200)
  t.equal(await balanceOf(nobody), '12')
  const wal = await nobody.client.getBalance({ owner: nobody.address, coinType: chain.walType })
  t.equal(wal.balance.balance, '34')
  const everything = await (await ask({ recipient: nobody.address })).json()
  t.match(everything, { sui: String(10n ** 12n), wal: String(10n ** 12n) })
  for (const body of [
    '',
    '{',
    'null',
    '[]',
    '{"recipient":5}',
    '{"recipient":"bob"}',
    `{"recipient":"${nobody.address}","sui":-1}`,
    `{"recipient":"${nobody.address}","sui":1.5}`,
    `{"recipient":"${nobody.address}","sui":"9999999999999999999999"}`,
    `"${'x'.repeat(10_000)}"`,
  ]) {
    const response = await post(body)
    t.equal(response.status, 400, body.slice(0, 60))
    t.type(((await response.json()) as { error: string }).error, 'string')
  }
  t.equal(await balanceOf(nobody), String(10n ** 12n + 12n))
})
