import { test } from 'tap'
import { storeBlob } from './blob-store-suite.ts'
import { DevnetNetwork } from './devnet-network.ts'
import { packFile, seededBytes } from './pack-file.ts'

const { signal } = new AbortController()

test('four nodes', async (t) => {
  const network = await DevnetNetwork.start(t)
  const { devnet } = network
  const account = await network.newAccount()
  const store = network.openStore(account)

  await t.test('uploads reach a quorum with any one in any trouble', async (t) => {
    const { members } = devnet.chain.view.committee()
    const bad = members.findIndex(({ name }) => name === devnet.nodes[3]!.name)
    for (const fault of [
      { kind: 'stop' },
      { kind: 'hang' },
      { kind: 'slow', delayMs: 30_000 },
      { kind: 'error' },
      { kind: 'drop' },
      { kind: 'corrupt', on: ['confirmations'] },
    ] as const) {
      const what = JSON.stringify(fault)
      const content = seededBytes(4000, what)
      await devnet.fault(3, fault)
      const uploaded = await storeBlob(store, packFile(t, content), 9)
      t.notOk(uploaded.certificate.signers.includes(bad), `certified without it: ${what}`)
      await devnet.mend()
      t.ok(content.equals(await store.read(uploaded.blobId, 0, 4000, signal)))
    }
  })

  await t.test('with two of them gone uploads wait for one to come back', async (t) => {
    const pack = packFile(t, seededBytes(5000, 'waiting'))
    const [registered] = await store.register([await store.encode(pack, signal)], 9, signal)
    await devnet.fault(0, { kind: 'stop' })
    await devnet.fault(2, { kind: 'stop' })
    const upload = () => store.upload(registered!, pack, () => {}, signal)
    await t.rejects(upload(), { name: 'StoreError', code: 'unreachable', retryable: true })
    await devnet.mend({ node: 2 })
    const uploaded = await upload()
    await store.execute([store.certify(uploaded)], signal)
    t.equal(await store.size(uploaded.blobId, signal), 5000)
    await devnet.mend()
  })

  await t.test('who was late has everything in the end', async (t) => {
    const patient = network.openStore(account, { latecomerMs: 60_000 })
    const content = seededBytes(6000, 'late')
    await devnet.fault(2, { kind: 'stop' })
    const { blobId } = await storeBlob(patient, packFile(t, content), 9)
    await devnet.mend()
    await patient.settle(signal)
    const registration = devnet.chain.view.registration(blobId)!
    t.ok(registration.certified)
    for (const node of [0, 1, 3]) await devnet.fault(node, { kind: 'corrupt' })
    const reader = network.openStore(network.openAccount(undefined))
    await t.rejects(reader.read(blobId, 0, 1, signal), { code: 'corrupt' }, 'eight are too few')
    await devnet.mend({ node: 0 })
    const another = network.openStore(network.openAccount(undefined))
    t.ok(content.equals(await another.read(blobId, 0, 6000, signal)), 'its slivers count')
    await devnet.mend()
  })

  await t.test('latecomers are given up when the time is over', async (t) => {
    const hasty = network.openStore(account, { latecomerMs: 50 })
    await devnet.fault(1, { kind: 'hang' })
    await storeBlob(hasty, packFile(t, seededBytes(3000, 'hasty')), 9)
    await hasty.settle(signal)
    await devnet.mend()
  })

  await t.test('an aborted upload ends, and may be done again', async (t) => {
    const content = seededBytes(20_000, 'abort')
    const pack = packFile(t, content)
    const [registered] = await store.register([await store.encode(pack, signal)], 9, signal)
    const stop = new AbortController()
    for (const node of [0, 1]) await devnet.fault(node, { kind: 'slow', delayMs: 300 })
    const upload = store.upload(
      registered!,
      pack,
      () => stop.abort(new Error('enough')),
      stop.signal,
    )
    await t.rejects(upload, { message: 'enough' })
    await store.settle(signal)
    await devnet.mend()
    const uploaded = await store.upload(registered!, pack, () => {}, signal)
    await store.execute([store.certify(uploaded)], signal)
    t.ok(content.equals(await store.read(uploaded.blobId, 0, 20_000, signal)))
  })

  await t.test('an epoch that changes while slivers are on their way', async (t) => {
    const content = seededBytes(8000, 'epoch')
    const pack = packFile(t, content)
    const [registered] = await store.register([await store.encode(pack, signal)], 9, signal)
    const before = devnet.chain.view.epoch
    let advanced: Promise<number> | undefined
    const progress = (sent: number, total: number): void => {
      if (sent > total / 3) advanced ??= devnet.advanceEpoch()
    }
    const uploaded = await store.upload(registered!, pack, progress, signal)
    await advanced
    t.equal(uploaded.epoch, before + 1, 'signed in the new epoch')
    await store.execute([store.certify(uploaded)], signal)
    t.ok(content.equals(await store.read(uploaded.blobId, 0, 8000, signal)))
  })

  await t.test('a blob whose registration is gone cannot be uploaded', async (t) => {
    const pack = packFile(t, seededBytes(100, 'gone'))
    const [registered] = await store.register([await store.encode(pack, signal)], 9, signal)
    const owned = (await store.owned(signal)).filter(
      ({ objectId }) => objectId === registered!.objectId,
    )
    await store.execute([store.remove(owned)], signal)
    await t.rejects(
      store.upload(registered!, pack, () => {}, signal),
      { code: 'not-found' },
    )
  })
})
