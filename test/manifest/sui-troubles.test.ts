import { test } from 'tap'
import { createManifest } from '../../src/manifest/create-manifest.ts'
import type { Manifest } from '../../src/manifest/manifest.ts'
import { openManifest } from '../../src/manifest/open-manifest.ts'
import { silentLog as log } from '../../src/runtime/log.ts'
import { storeBlob } from '../store/blob-store-suite.ts'
import { DevnetNetwork } from '../store/devnet-network.ts'
import { packFile, seededBytes } from '../store/pack-file.ts'
import { numberedRoot } from './manifest-suite.ts'

const { signal } = new AbortController()

test('a manifest on a devnet', async (t) => {
  const network = await DevnetNetwork.start(t)
  const { devnet } = network
  const account = await network.newAccount()
  const newDrive = async (): Promise<Manifest> => {
    const { id } = await createManifest({ account, name: 'drive', log }, signal)
    return openManifest({ account, id, log, pollMs: 50 }, signal)
  }

  await t.test('packs are certified by the very transaction that names them', async (t) => {
    const manifest = await newDrive()
    const store = network.openStore(account)
    const packs = ['a', 'b', 'c'].map((seed) => packFile(t, seededBytes(1000, seed)))
    const encoded = []
    for (const pack of packs) encoded.push(await store.encode(pack, signal))
    const registered = await store.register(encoded, 5, signal)
    const parts = []
    for (const [i, blob] of registered.entries()) {
      parts.push(store.certify(await store.upload(blob, packs[i]!, () => {}, signal)))
    }
    await t.rejects(manifest.commit(9n, numberedRoot(1), parts, signal), { code: 'conflict' })
    t.ok((await store.owned(signal)).every(({ certified }) => !certified))

    const moved = await manifest.commit(0n, numberedRoot(1), parts, signal)
    t.ok((await store.owned(signal)).every(({ certified }) => certified))
    t.same(await manifest.commit(0n, numberedRoot(1), parts, signal), moved, 'again: nothing')
  })

  await t.test('a certificate of an epoch that is over undoes the commit', async (t) => {
    const manifest = await newDrive()
    const store = network.openStore(account)
    const pack = packFile(t, seededBytes(1000, 'stale'))
    const [registered] = await store.register([await store.encode(pack, signal)], 5, signal)
    const stale = await store.upload(registered!, pack, () => {}, signal)
    await devnet.advanceEpoch()
    const commit = (blob: typeof stale) =>
      manifest.commit(0n, numberedRoot(1), [store.certify(blob)], signal)
    await t.rejects(commit(stale), { name: 'StoreError', code: 'stale-epoch' })
    t.equal((await manifest.load(signal)).sequence, 0n)
    await commit(await store.upload(registered!, pack, () => {}, signal))
  })

  await t.test('two writers that extend the same blobs pay once', async (t) => {
    const manifest = await newDrive()
    const store = network.openStore(account)
    await storeBlob(store, packFile(t, seededBytes(1000, 'renew')), 5)
    const [blob] = (await store.owned(signal)).filter(({ bytes }) => bytes === 1000)
    await manifest.commit(0n, { ...numberedRoot(1), endEpoch: blob!.endEpoch }, [], signal)
    const renew = () => manifest.renew(1n, blob!.endEpoch + 3, [store.extend([blob!], 3)], signal)
    await Promise.all([renew(), renew()])
    const [extended] = (await store.owned(signal)).filter(
      ({ objectId }) => objectId === blob!.objectId,
    )
    t.equal(extended!.endEpoch, blob!.endEpoch + 3)
  })

  await t.test('a full node that is down is waited for while watching', async (t) => {
    const manifest = await newDrive()
    const stop = new AbortController()
    const seen: bigint[] = []
    for await (const { sequence } of manifest.watch(stop.signal)) {
      seen.push(sequence)
      if (sequence === 0n) {
        await devnet.suiFault({ kind: 'down', how: 'refuse' })
        await t.rejects(manifest.load(signal), { name: 'ManifestError', code: 'unreachable' })
        const append = manifest.append(0n, Buffer.from('x'), signal)
        await t.rejects(append, { code: 'unreachable', retryable: true })
        await devnet.suiFault(undefined)
        await manifest.append(0n, Buffer.from('x'), signal)
      } else stop.abort()
    }
    t.same(seen, [0n, 1n])
  })

  await t.test('a full node that tells of no changes is asked for them', async (t) => {
    const manifest = await newDrive()
    const { subscriptionService } = account.client
    account.client.subscriptionService = {
      subscribeTransactions: () => {
        throw Object.assign(new Error('unknown'), { name: 'RpcError', code: 'UNIMPLEMENTED' })
      },
    } as unknown as typeof subscriptionService
    t.teardown(() => (account.client.subscriptionService = subscriptionService))
    const stop = new AbortController()
    for await (const { sequence } of manifest.watch(stop.signal)) {
      if (sequence === 0n) await manifest.append(0n, Buffer.from('x'), signal)
      else stop.abort()
    }
    t.pass('seen by polling')
  })

  await t.test('who stops listening leaves nothing running', async (t) => {
    const manifest = await newDrive()
    for await (const state of manifest.watch(signal)) {
      t.equal(state.sequence, 0n)
      break
    }
  })

  await t.test('a full node that serves an older state is not believed', async (t) => {
    const manifest = await newDrive()
    await manifest.append(0n, Buffer.from('a'), signal)
    await devnet.suiFault({ kind: 'stale' })
    await manifest.append(1n, Buffer.from('b'), signal)
    await t.rejects(manifest.load(signal), {
      code: 'unreachable',
      message: /sequence 1, and 2 was seen/,
    })
    t.equal(manifest.rollback, undefined, 'not yet')
    await devnet.suiFault(undefined)
    t.equal((await manifest.load(signal)).sequence, 2n)
  })

  await t.test('what was seen before a restart counts, and an older state is told', async (t) => {
    const manifest = await newDrive()
    const saw: bigint[] = []
    const seen = { sequence: 5n, saw: (sequence: bigint) => saw.push(sequence) }
    const opening = openManifest({ account, id: manifest.id, log, seen }, signal)
    await t.rejects(opening, { code: 'rolled-back', message: /sequence 0, and 5 was seen/ })
    t.same(saw, [])
    seen.sequence = -1n
    await openManifest({ account, id: manifest.id, log, seen }, signal)
    t.same(saw, [0n])
  })
})
