import {
  ParallelTransactionExecutor,
  SerialTransactionExecutor,
  Transaction,
  coinWithBalance,
} from '@mysten/sui/transactions'
import { test } from 'tap'
import { manifestPackage } from '../../src/manifest/bytecode.ts'
import { publish } from './chain-playground.ts'
import { createdOf, fundedAccount, startChain } from './chain-start.ts'
import type { Account } from './chain-start.ts'

test('of two writers with the same sequence number one wins and one conflicts', async (t) => {
  const chain = await startChain(t)
  const writers = [await fundedAccount(chain), await fundedAccount(chain)]
  const [alice, bob] = writers as [Account, Account]
  const published = await publish(alice, {
    modules: [...manifestPackage.modules],
    dependencies: [...manifestPackage.dependencies],
  })
  const target = (name: string) => published.at(`manifest::${name}`)
  const made = await alice.succeed((tx) => {
    const root = tx.moveCall({ target: target('empty_root') })
    const [manifest, admin, writer] = tx.moveCall({
      target: target('new'),
      arguments: [tx.pure.string('race'), root],
    })
    const second = tx.moveCall({ target: target('grant'), arguments: [manifest!, admin!] })
    tx.moveCall({ target: target('share'), arguments: [manifest!] })
    tx.transferObjects([admin!, writer!], alice.address)
    tx.transferObjects([second], bob.address)
  })
  const [manifest] = createdOf(made, '::Manifest')
  const { object: shared } = await alice.client.getObject({ objectId: manifest! })
  const initialSharedVersion = shared.owner.Shared!.initialSharedVersion
  let [won, lost] = [0, 0]
  for (let sequence = 0; sequence < 10; sequence++) {
    const results = await Promise.all(
      writers.map(async (account) => {
        const { client, address } = account
        const type = published.at('manifest::WriterCap')
        const { objects: caps } = await client.listOwnedObjects({ owner: address, type })
        const { objects: coins } = await client.listCoins({ owner: address })
        return await account.run((tx) => {
          // Everything is given, so that nothing is tried out before.
          tx.setGasPayment([coins[0]!])
          tx.setGasBudget(20_000_000)
          tx.setGasPrice(1000)
          tx.moveCall({
            target: target('append'),
            arguments: [
              tx.sharedObjectRef({ objectId: manifest!, initialSharedVersion, mutable: true }),
              tx.objectRef(caps[0]!),
              tx.pure.u64(sequence),
              tx.pure.vector('u8', [1, 2, 3]),
            ],
          })
        })
      }),
    )
    for (const result of results) {
      if (result.$kind === 'Transaction') won++
      else {
        lost++
        t.match(result.FailedTransaction.status.error, {
          $kind: 'MoveAbort',
          MoveAbort: { abortCode: '0', location: { module: 'manifest', package: published.id } },
        })
      }
    }
  }
  t.same([won, lost], [10, 10])
})

test('the serial executor keeps its gas coin over many transactions', async (t) => {
  const chain = await startChain(t)
  const { client, keypair, address } = await fundedAccount(chain)
  const executor = new SerialTransactionExecutor({ client, signer: keypair })
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, i) => {
      const tx = new Transaction()
      tx.transferObjects([tx.splitCoins(tx.gas, [i + 1])[0]!], address)
      return executor.executeTransaction(tx)
    }),
  )
  t.ok(results.every((result) => result.$kind === 'Transaction'))
  const wal = new Transaction()
  wal.transferObjects([coinWithBalance({ type: chain.walType, balance: 5n })], address)
  t.equal((await executor.executeTransaction(wal)).$kind, 'Transaction')
  await executor.waitForLastTransaction()
})

test('the parallel executor splits coins for itself', async (t) => {
  const chain = await startChain(t)
  const { client, keypair, address } = await fundedAccount(chain)
  const executor = new ParallelTransactionExecutor({ client, signer: keypair })
  const results = await Promise.all(
    Array.from({ length: 12 }, (_, i) => {
      const tx = new Transaction()
      tx.transferObjects([tx.splitCoins(tx.gas, [i + 1])[0]!], address)
      return executor.executeTransaction(tx)
    }),
  )
  t.ok(results.every((result) => result.$kind === 'Transaction'))
  t.equal(new Set(results.map((result) => result.Transaction!.digest)).size, 12)
})

test('transactions on one coin that were built together: one is carried out', async (t) => {
  const chain = await startChain(t)
  const account = await fundedAccount(chain)
  const build = async (amount: number) => {
    const tx = new Transaction()
    tx.setSender(account.address)
    tx.transferObjects([tx.splitCoins(tx.gas, [amount])[0]!], account.address)
    const transaction = await tx.build({ client: account.client })
    const { signature } = await account.keypair.signTransaction(transaction)
    return { transaction, signatures: [signature] }
  }
  const all = [await build(1), await build(2), await build(3)]
  const results = await Promise.allSettled(
    all.map((each) => account.client.core.executeTransaction(each)),
  )
  t.equal(results.filter((result) => result.status === 'fulfilled').length, 1)
  for (const result of results)
    if (result.status === 'rejected') t.match(result.reason, { message: /needs to be rebuilt/ })
})
