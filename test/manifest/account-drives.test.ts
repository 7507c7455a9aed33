import { test } from 'tap'
import { frozenSnapshots, otherDrives } from '../../src/manifest/account-drives.ts'
import { createManifest } from '../../src/manifest/create-manifest.ts'
import { ManifestAdmin } from '../../src/manifest/manifest-admin.ts'
import { openManifest } from '../../src/manifest/open-manifest.ts'
import { silentLog as log } from '../../src/runtime/log.ts'
import { addParts } from '../../src/store/chain/add-parts.ts'
import { DevnetNetwork } from '../store/devnet-network.ts'
import { numberedRoot } from './manifest-suite.ts'

const { signal } = new AbortController()
const rootsOf = async (...given: Parameters<typeof otherDrives>) =>
  (await otherDrives(...given)).map(({ root }) => root)

test('the drives of an account, and what was frozen of them', async (t) => {
  const network = await DevnetNetwork.start(t)
  const [owner, guest] = [await network.newAccount(), await network.newAccount()]
  const ids = []
  for (const [at, name] of ['a', 'b', 'empty'].entries()) {
    const { id } = await createManifest({ account: owner, name, log }, signal)
    ids.push(id)
    if (name === 'empty') continue
    const manifest = await openManifest({ account: owner, id, log }, signal)
    await manifest.commit(0n, numberedRoot(at), [], signal)
  }
  const [a, b, empty] = ids

  await t.test('the roots of all others that the account may change', async (t) => {
    t.same(await rootsOf(owner, a!, signal), [numberedRoot(1)])
    t.same(await rootsOf(owner, b!, signal), [numberedRoot(0)])
    const both = await rootsOf(owner, empty!, signal)
    const byOffset = both.toSorted((one, other) => one.offset - other.offset)
    t.same(byOffset, [numberedRoot(0), numberedRoot(1)])
    t.same(await rootsOf(guest, a!, signal), [])
    await new ManifestAdmin(owner, b!).grant(guest.queue!.address, signal)
    t.same(await rootsOf(guest, a!, signal), [numberedRoot(1)], 'a guest, too')
    t.same(await rootsOf(guest, b!, signal), [])
  })

  await t.test('snapshots, whoever made them', async (t) => {
    t.same(await frozenSnapshots(owner, a!, signal), [])
    const first = await new ManifestAdmin(owner, a!).snapshot(signal)
    const other = await new ManifestAdmin(owner, b!).snapshot(signal)
    const second = await new ManifestAdmin(guest, a!).snapshot(signal)
    t.same(await frozenSnapshots(owner, a!, signal), [first, second])
    t.same(await frozenSnapshots(guest, b!, signal), [other])
    const frozen = await openManifest({ account: guest, id: first, log, readOnly: true }, signal)
    t.same((await frozen.load(signal)).root, numberedRoot(0))
  })

  await t.test('commands that hold only as long as nobody commits', async (t) => {
    const manifest = await openManifest({ account: owner, id: a!, log }, signal)
    const run = (expected: bigint) =>
      owner.queue!.run(async (transaction) => {
        await addParts(transaction, [manifest.unmoved(expected)])
      }, signal)
    await run(1n)
    await t.rejects(run(0n), { code: 'aborted', abort: { module: 'manifest', code: 0 } })
  })
})
