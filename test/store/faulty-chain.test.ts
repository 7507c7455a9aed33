import { test } from 'tap'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import type { RetryPolicy } from '../../src/runtime/retry.ts'
import { RetryingStore } from '../../src/store/retrying-store.ts'
import { storeBlob } from './blob-store-suite.ts'
import { DevnetNetwork } from './devnet-network.ts'
import { packFile, seededBytes } from './pack-file.ts'

const { signal } = new AbortController()
const patient: RetryPolicy = { firstDelayMs: 50, maxDelayMs: 200, tries: 20 }

test('a full node', async (t) => {
  const network = await DevnetNetwork.start(t)
  const { devnet } = network
  const account = await network.newAccount()
  const store = network.openStore(account)
  const content = seededBytes(10_000, 'chain')
  const { blobId } = await storeBlob(store, packFile(t, content), 9)

  for (const how of ['refuse', 'unavailable'] as const) {
    await t.test(`down (${how}): what is known goes on, the rest is unreachable`, async (t) => {
      await devnet.suiFault({ kind: 'down', how })
      const reader = network.openStore(network.openAccount(undefined), { rowCacheBytes: 0 })
      await t.rejects(reader.read(blobId, 0, 10, signal), { code: 'unreachable' })
      t.ok(content.equals(await store.read(blobId, 0, 10_000, signal)), 'read without the chain')
      const encoded = await store.encode(packFile(t, seededBytes(10, how)), signal)
      await t.rejects(store.register([encoded], 2, signal), { code: 'unreachable' })
      await t.rejects(store.prices(signal), { code: 'unreachable' })
      await t.rejects(store.owned(signal), { code: 'unreachable' })
      await t.rejects(store.balances(signal), { code: 'unreachable' })
      await t.rejects(store.execute([], signal), { code: 'unreachable' })
      await devnet.suiFault(undefined)
      t.ok(content.equals(await reader.read(blobId, 0, 10_000, signal)), 'a bad start is forgotten')
      t.equal((await store.register([encoded], 2, signal)).length, 1)
    })
  }

  await t.test('answers lost at every transaction: nothing is paid twice', async (t) => {
    const retrying = new RetryingStore(store, patient)
    const pack = packFile(t, seededBytes(5000, 'lost'))
    const encoded = await retrying.encode(pack, signal)
    const { storagePrice, writePrice } = await store.prices(signal)
    const before = await store.balances(signal)

    await devnet.suiFault({ kind: 'lose-answer', times: 1 })
    const [registered] = await retrying.register([encoded], 3, signal)
    const uploaded = await retrying.upload(registered!, pack, () => {}, signal)
    await devnet.suiFault({ kind: 'lose-answer', times: 2 })
    await retrying.execute([retrying.certify(uploaded)], signal)
    const [owned] = (await retrying.owned(signal)).filter((one) => one.blobId === encoded.blobId)
    await devnet.suiFault({ kind: 'lose-answer', times: 1 })
    await retrying.execute([retrying.extend([owned!], 2)], signal)

    const mine = (await store.owned(signal)).filter((one) => one.blobId === encoded.blobId)
    t.equal(mine.length, 1, 'one blob object')
    t.equal(mine[0]!.endEpoch, registered!.endEpoch + 2, 'extended once')
    const after = await store.balances(signal)
    const units = 1n // 5,000 bytes on 32 shards are less than 1 MiB
    t.equal(before.wal - after.wal, units * (storagePrice * 5n + writePrice))
    await devnet.suiFault(undefined)
  })

  await t.test('an answer lost by a full node that shows the past: not paid again', async (t) => {
    const store = await network.newStore()
    const packs = ['past', 'past too'].map((name) => packFile(t, seededBytes(5000, name)))
    const blobs = await Promise.all(packs.map((pack) => store.encode(pack, signal)))
    await devnet.suiFault({ kind: 'stale' })
    await devnet.suiFault({ kind: 'lose-answer', times: 3 })
    await t.rejects(store.register([blobs[0]!], 3, signal), { code: 'lost-answer' })
    // It catches up in the middle of another purchase, should there be one.
    devnet.at({ at: 'execution', skip: 1 }, () => devnet.suiFault(undefined))
    await t.rejects(store.register(blobs, 3, signal), { code: 'unreachable' })
    devnet.at(undefined)
    await devnet.suiFault(undefined)
    t.equal((await store.register(blobs, 3, signal)).length, 2)
    t.equal((await store.owned(signal)).length, 2)
  })

  await t.test('epochs that a full node does not show are not added again', async (t) => {
    const store = await network.newStore()
    for (const name of ['longer', 'longer too']) {
      await storeBlob(store, packFile(t, seededBytes(5000, name)), 3)
    }
    const blobs = await store.owned(signal)
    const ends = blobs.map(({ endEpoch }) => endEpoch)
    await devnet.suiFault({ kind: 'stale' })
    await devnet.suiFault({ kind: 'lose-answer', times: 3 })
    const [first] = blobs
    await t.rejects(store.execute([store.extend([first!], 2)], signal), { code: 'lost-answer' })
    devnet.at({ at: 'execution', skip: 1 }, () => devnet.suiFault(undefined))
    const both = () => store.execute([store.extend(blobs, 2)], signal)
    await t.rejects(both(), { code: 'unreachable' })
    devnet.at(undefined)
    await devnet.suiFault(undefined)
    await both()
    const after = new Map((await store.owned(signal)).map((blob) => [blob.objectId, blob.endEpoch]))
    for (const [at, { objectId }] of blobs.entries()) t.equal(after.get(objectId), ends[at]! + 2)
  })

  await t.test('what another process has bought is not bought again', async (t) => {
    const signer = new Ed25519Keypair()
    await devnet.faucet(signer.toSuiAddress(), { sui: 10n ** 11n, wal: 10n ** 11n })
    const [first, second] = [0, 1].map(() => network.openStore(network.openAccount(signer)))
    const packs = ['before', 'now'].map((name) => packFile(t, seededBytes(5000, name)))
    const blobs = await Promise.all(packs.map((pack) => first!.encode(pack, signal)))
    await devnet.suiFault({ kind: 'stale' })
    await t.rejects(first!.register([blobs[0]!], 3, signal), { code: 'unreachable' }, 'not seen')
    devnet.at({ at: 'execution' }, () => devnet.suiFault(undefined))
    t.equal((await second!.register(blobs, 3, signal)).length, 2)
    t.equal((await second!.owned(signal)).length, 2)
  })

  await t.test(
    'spare storage is used once, whatever answer is lost and whoever is first',
    async (t) => {
      const own = await network.newAccount()
      const [here, there] = [network.openStore(own), network.openStore(own)]
      for (const seed of ['a', 'b', 'c']) {
        await storeBlob(here, packFile(t, seededBytes(100, `spare ${seed}`)), 5)
      }
      await here.execute([here.remove((await here.owned(signal)).slice(0, 2))], signal)
      t.equal((await here.spare(signal)).length, 2)
      const retrying = new RetryingStore(here, patient)
      const encoded = await retrying.encode(packFile(t, seededBytes(100, 'spare d')), signal)
      const { writePrice } = await here.prices(signal)
      const before = await here.balances(signal)
      await devnet.suiFault({ kind: 'lose-answer', times: 1 })
      await retrying.register([encoded], 5, signal)
      await devnet.suiFault(undefined)
      t.equal((await here.spare(signal)).length, 1, 'one was used')
      t.equal((await here.owned(signal)).length, 2, 'for one blob object')
      t.equal(before.wal - (await here.balances(signal)).wal, writePrice)

      // Both have seen it when the first of them takes it.
      const [e, f] = [
        await here.encode(packFile(t, seededBytes(100, 'spare e')), signal),
        await there.encode(packFile(t, seededBytes(100, 'spare f')), signal),
      ]
      await devnet.suiFault({ kind: 'slow', delayMs: 50 })
      const both = await Promise.all([
        here.register([e], 5, signal),
        there.register([f], 5, signal),
      ])
      await devnet.suiFault(undefined)
      t.same(
        both.flat().map(({ blobId }) => blobId),
        [e.blobId, f.blobId],
      )
      t.same(await here.spare(signal), [])
      t.equal((await here.owned(signal)).length, 4)
    },
  )

  await t.test('a full node that answers slowly', async (t) => {
    await devnet.suiFault({ kind: 'slow', delayMs: 100 })
    const slow = await storeBlob(store, packFile(t, seededBytes(100, 'slow')), 2)
    await devnet.suiFault(undefined)
    t.equal(await store.size(slow.blobId, signal), 100)
  })

  await t.test('without a key everything is read and nothing changed', async (t) => {
    const writer = await network.newStore()
    const { blobId } = await storeBlob(writer, packFile(t, seededBytes(100, 'public')), 2)
    const reader = network.openStore(network.openAccount(undefined))
    t.equal(await reader.size(blobId, signal), 100)
    const encoded = await reader.encode(packFile(t, seededBytes(10, 'none')), signal)
    const attempts: (() => Promise<unknown>)[] = [
      () => reader.register([encoded], 1, signal),
      () => reader.owned(signal),
      () => reader.balances(signal),
      () => reader.execute([], signal),
    ]
    for (const attempt of attempts) {
      await t.rejects(attempt(), { name: 'StoreError', code: 'not-owner' })
    }
  })

  await t.test('two stores of one key never spend the same coin', async (t) => {
    const signer = new Ed25519Keypair()
    await network.devnet.faucet(signer.toSuiAddress(), { sui: 10n ** 11n, wal: 10n ** 11n })
    // As two programs with one key: two queues, which cannot know of each other.
    const stores = [0, 1].map(() => network.openStore(network.openAccount(signer)))
    const packs = Array.from({ length: 6 }, (_, i) => packFile(t, seededBytes(100, `race ${i}`)))
    const uploads = packs.map((pack, i) => storeBlob(stores[i % 2]!, pack, 2))
    const done = await Promise.allSettled(uploads)
    for (const result of done) {
      if (result.status === 'rejected') t.match(result.reason, { name: 'StoreError' })
    }
    t.ok(done.some(({ status }) => status === 'fulfilled'))
    const owned = await stores[0]!.owned(signal)
    t.equal(new Set(owned.map(({ blobId }) => blobId)).size, owned.length, 'none twice')
  })
})
