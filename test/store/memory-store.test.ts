import { test } from 'tap'
import { MemoryNetwork } from '../../src/store/memory-network.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'
import { blobStoreSuite } from './blob-store-suite.ts'

test('the in-memory store', async (t) => {
  blobStoreSuite(t, async () => {
    const network = new MemoryNetwork()
    return {
      newStore: async ({ sui, wal } = {}) =>
        new MemoryStore(network, network.openAccount(sui, wal)),
      advanceEpoch: async (count) => network.advanceEpoch(count),
    }
  })
})

test('a transaction that fails leaves nothing behind', async (t) => {
  const network = new MemoryNetwork()
  const account = network.openAccount(undefined, 1n)
  const before = network.balances(account)
  t.throws(() => network.transact(account, () => network.remove(account, account)), {
    code: 'not-found',
  })
  t.same(network.balances(account), before)
  t.equal(network.transactions, 0)
})
