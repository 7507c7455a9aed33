import { test } from 'tap'
import { createManifest, ownPackage } from '../../src/manifest/create-manifest.ts'
import { ManifestAdmin } from '../../src/manifest/manifest-admin.ts'
import { openManifest } from '../../src/manifest/open-manifest.ts'
import { silentLog as log } from '../../src/runtime/log.ts'
import { parseObjectId } from '../../src/terms/object-id.ts'
import { DevnetNetwork } from '../store/devnet-network.ts'
import { numberedRoot } from './manifest-suite.ts'

const { signal } = new AbortController()

test('drives on a devnet', async (t) => {
  const network = await DevnetNetwork.start(t)
  const account = await network.newAccount()

  await t.test('the package is published once, and an unused drive is taken again', async (t) => {
    t.equal(await ownPackage(account, signal), undefined)
    const first = await createManifest({ account, name: 'one', log }, signal)
    t.equal(await ownPackage(account, signal), first.packageId)
    t.same(await createManifest({ account, name: 'one', log }, signal), first)
    const other = await createManifest({ account, name: 'two', log }, signal)
    t.equal(other.packageId, first.packageId)
    t.not(other.id, first.id)

    const manifest = await openManifest({ account, id: first.id, log }, signal)
    await manifest.commit(0n, numberedRoot(1), [], signal)
    const again = await createManifest({ account, name: 'one', log }, signal)
    t.not(again.id, first.id, 'a used one is not taken')
  })

  await t.test('answers lost while a drive is made cost no second drive', async (t) => {
    const fresh = await network.newAccount()
    await network.devnet.suiFault({ kind: 'lose-answer', times: 2 })
    const { id, packageId } = await createManifest({ account: fresh, name: 'lost', log }, signal)
    await network.devnet.suiFault(undefined)
    t.same(await createManifest({ account: fresh, name: 'lost', log }, signal), { id, packageId })
  })

  await t.test('who knows the package needs not publish', async (t) => {
    const packageId = (await ownPackage(account, signal))!
    const guest = await network.newAccount()
    const made = await createManifest({ account: guest, name: 'guest', packageId, log }, signal)
    t.equal(made.packageId, packageId)
    t.equal(await ownPackage(guest, signal), undefined)
    const gone = parseObjectId('0xdead')
    const again = await createManifest({ account, name: 'gone', packageId: gone, log }, signal)
    t.equal(again.packageId, packageId, 'a package that this network does not know')
  })

  await t.test('what cannot be made is told by a code', async (t) => {
    const poor = await network.newAccount({ sui: 0n })
    const name = 'x'
    await t.rejects(createManifest({ account: poor, name, log }, signal), { code: 'no-gas' })
    const keyless = network.openAccount(undefined)
    await t.rejects(createManifest({ account: keyless, name, log }, signal), { code: 'read-only' })
    const long = 'x'.repeat(300)
    await t.rejects(createManifest({ account, name: long, log }, signal), { code: 'rejected' })
  })

  await t.test('what is no manifest is not opened', async (t) => {
    const open = (text: string) => openManifest({ account, id: parseObjectId(text), log }, signal)
    await t.rejects(open('0xdead'), { name: 'ManifestError', code: 'not-found' })
    await t.rejects(open('0x6'), { code: 'rejected', message: /0x6|clock/i })
    await t.rejects(open('0x2'), { code: 'rejected' }, 'a package')
  })

  await t.test('a snapshot opens as a drive that never changes', async (t) => {
    const { id } = await createManifest({ account, name: 'snap', log }, signal)
    const manifest = await openManifest({ account, id, log }, signal)
    await manifest.commit(0n, numberedRoot(1), [], signal)
    await manifest.append(1n, Buffer.from('a'), signal)
    const snapshot = await new ManifestAdmin(account, id).snapshot(signal)
    await manifest.commit(2n, numberedRoot(2), [], signal)

    const frozen = await openManifest({ account, id: snapshot, log }, signal)
    t.match(await frozen.load(signal), {
      id: snapshot,
      sequence: 2n,
      rootSequence: 1n,
      sealed: true,
      root: numberedRoot(1),
      name: 'snap',
    })
    t.equal(frozen.writer, undefined)
    await t.rejects(frozen.commit(2n, numberedRoot(3), [], signal), { code: 'read-only' })
    const stop = new AbortController()
    for await (const state of frozen.watch(stop.signal)) {
      t.equal(state.sequence, 2n)
      stop.abort()
    }
  })

  await t.test(
    'key slots come with the drive, change, and are those of its snapshots',
    async (t) => {
      const slots = Buffer.from('one')
      const made = await createManifest({ account, name: 'sealed', log, slots }, signal)
      const { id } = made
      const manifest = await openManifest({ account, id, log }, signal)
      t.match(await manifest.slots(signal), { revision: 1n, bytes: new Uint8Array(slots) })
      const again = await createManifest(
        { account, name: 'sealed', log, slots: Buffer.from('2') },
        signal,
      )
      t.equal(again.id, id, 'an unused one is taken')
      t.match(await manifest.slots(signal), { revision: 2n, bytes: Uint8Array.of(0x32) })
      const open = await createManifest({ account, name: 'sealed', log }, signal)
      t.not(open.id, id, 'but not for a public drive')
      t.equal(
        await (await openManifest({ account, id: open.id, log }, signal)).slots(signal),
        undefined,
      )
      const admin = new ManifestAdmin(account, id)
      await t.rejects(admin.setSlots(1n, slots, signal), {
        name: 'ManifestError',
        code: 'conflict',
      })
      await admin.setSlots(2n, slots, signal)
      const snapshot = await openManifest(
        { account, id: await admin.snapshot(signal), log },
        signal,
      )
      t.equal(snapshot.drive, id)
      t.match(await snapshot.slots(signal), { revision: 3n, bytes: new Uint8Array(slots) })
      const stranger = new ManifestAdmin(await network.newAccount(), id)
      await t.rejects(stranger.setSlots(3n, slots, signal), { code: 'read-only' })
      const late = new ManifestAdmin(account, open.id)
      const writer = await openManifest({ account, id: open.id, log }, signal)
      await writer.commit(0n, numberedRoot(1), [], signal)
      await t.rejects(late.setSlots(0n, slots, signal), { code: 'rejected', message: /EUnsealed/ })
    },
  )

  await t.test('read-only takes no capability though there is one', async (t) => {
    const { id } = await createManifest({ account, name: 'mine', log }, signal)
    t.ok((await openManifest({ account, id, log }, signal)).writer)
    const reader = await openManifest({ account, id, log, readOnly: true }, signal)
    t.equal(reader.writer, undefined)
    const keyless = network.openAccount(undefined)
    t.equal((await openManifest({ account: keyless, id, log }, signal)).writer, undefined)
    const stranger = await network.newAccount()
    const foreign = await openManifest({ account: stranger, id, log }, signal)
    t.equal(foreign.writer, undefined)
    await t.rejects(foreign.commit(0n, numberedRoot(1), [], signal), { code: 'read-only' })
  })

  await t.test('only the admin rules', async (t) => {
    const { id } = await createManifest({ account, name: 'rule', log }, signal)
    const stranger = await network.newAccount()
    const admin = new ManifestAdmin(stranger, id)
    await t.rejects(admin.seal(signal), { name: 'ManifestError', code: 'read-only' })
    await t.rejects(admin.grant(stranger.queue!.address, signal), { code: 'read-only' })
    t.ok(await admin.snapshot(signal), 'anybody may take a snapshot')
  })
})
