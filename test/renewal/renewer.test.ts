import { test } from 'tap'
import { forecast } from '../../src/renewal/forecast.ts'
import { PackLedger } from '../../src/renewal/ledger.ts'
import { neededPacks } from '../../src/renewal/kept-snapshots.ts'
import { survey, type Survey } from '../../src/renewal/survey.ts'
import { ManifestError } from '../../src/manifest/manifest.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import { StoreError } from '../../src/store/blob-store.ts'
import { readRootRecord } from '../../src/tree/history/root-records.ts'
import { rootPiece } from '../../src/writeback/root-piece.ts'
import { contents } from '../writeback/files.ts'
import { never } from '../writeback/desk.ts'
import { Bureau } from './bureau.ts'

test('24 epochs, looked at in each: nothing ends, and the cost is the forecast', async (t) => {
  const bureau = await Bureau.open(t)
  const { network, store, manifest, drive } = bureau.desk
  await bureau.commit('a')
  await bureau.commit('large', 2_500_000)
  network.advanceEpoch()
  await bureau.commit('b')
  const ledger = new PackLedger(store, bureau.here.content)
  const readRoot = (root: Parameters<typeof rootPiece>[0]) =>
    readRootRecord(bureau.here.content, rootPiece(root))
  const now = await survey({ store, manifest, ledger, readRoot }, 99, never)
  const told = forecast(now.packs, now, { marginEpochs: 2, epochs: 5 }, 24)
  const before = bureau.wal
  const renewer = bureau.renewer()
  for (let step = 0; step <= 24; step++) {
    if (step > 0) network.advanceEpoch()
    await renewer.check(never)
    t.equal((await bureau.ends()).length, now.packs.length)
    t.ok((await bureau.ends())[0]! - network.epoch > 2)
    t.equal(drive.state.root!.endEpoch, (await bureau.ends())[0], 'the manifest says so')
    t.same(renewer.view.outlook?.problems, [])
  }
  t.equal(before - bureau.wal, told.cost)
  t.equal(renewer.view.paid, told.cost)
  t.equal((await contents(await bureau.desk.elsewhere())).size, 3)
})

test('many blobs are one transaction', async (t) => {
  const bureau = await Bureau.open(t)
  for (let i = 0; i < 6; i++) await bureau.commit(`file-${i}`)
  bureau.desk.network.advanceEpoch(3)
  const before = bureau.desk.network.transactions
  const renewer = bureau.renewer()
  await renewer.check(never)
  t.equal(bureau.desk.network.transactions, before + 1)
  t.same(await bureau.ends(), Array(6).fill(9))
  await renewer.check(never)
  await renewer.check(never)
  t.equal(bureau.desk.network.transactions, before + 1, 'and once')
})

test('switched off, it says in time what ends, and does nothing', async (t) => {
  const bureau = await Bureau.open(t)
  await bureau.commit('a')
  const renewer = bureau.renewer({ auto: false })
  bureau.desk.network.advanceEpoch(2)
  await renewer.check(never)
  t.same(renewer.view.outlook?.problems, [])
  const { wal } = bureau
  bureau.desk.network.advanceEpoch()
  await renewer.check(never)
  t.match(renewer.view.outlook, { endangered: 1, ended: 0, problems: [{ grave: false }] })
  t.match(renewer.view.outlook?.problems[0]?.text, /ends with epoch 6 \(now 4\).*walrusfs renew/)
  bureau.desk.network.advanceEpoch()
  await renewer.check(never)
  t.match(renewer.view.outlook?.problems, [{ grave: true }], 'the last epoch')
  t.equal(bureau.wal, wal)
  bureau.desk.network.advanceEpoch()
  await renewer.check(never)
  t.match(renewer.view.outlook, { ended: 1, problems: [{ grave: true, text: /has ended/ }] })
})

test('a budget is kept through a restart, and what it leaves over is said', async (t) => {
  const bureau = await Bureau.open(t)
  for (const name of ['a', 'b', 'c']) await bureau.commit(name)
  bureau.desk.network.advanceEpoch(3)
  const [life] = (await bureau.renewer().renew({ dryRun: true }, never)).plan.extensions
  const unit = life!.cost / BigInt(life!.epochs)
  const before = bureau.wal
  for (let start = 0; start < 3; start++) {
    const renewer = bureau.renewer({ budget: 2n * unit })
    await renewer.check(never)
    t.equal(before - bureau.wal, 2n * unit)
    t.match(renewer.view.outlook?.problems, [{ text: /the budget leaves 0 WAL/ }])
  }
  bureau.desk.network.advanceEpoch()
  await bureau.renewer({ budget: 7n * unit }).check(never)
  t.equal(before - bureau.wal, 9n * unit, 'the next epoch has a budget of its own')
  t.ok((await bureau.ends())[0]! > 6)
})

test('without WAL it says so early, waits, and goes on when there is some', async (t) => {
  const bureau = await Bureau.open(t)
  await bureau.commit('a')
  const { wal } = bureau
  bureau.wal = 5n
  const renewer = bureau.renewer()
  bureau.desk.network.advanceEpoch()
  await renewer.check(never)
  t.match(renewer.view.outlook?.problems, [{ text: /the next renewal, in epoch 4/, grave: false }])
  bureau.desk.network.advanceEpoch(2)
  await renewer.check(never)
  t.match(renewer.view.outlook, { endangered: 1, problems: [{ text: /the account has/ }] })
  bureau.wal = wal
  await renewer.check(never)
  t.same(renewer.view.outlook?.problems, [])
  t.same(await bureau.ends(), [9])
})

test('what another account stored is told apart', async (t) => {
  const bureau = await Bureau.open(t)
  await bureau.commit('a')
  bureau.desk.network.advanceEpoch(3)
  const stranger = bureau.desk.network.openAccount()
  const [blob] = await bureau.desk.store.owned(never)
  bureau.desk.network.transact(stranger, () => bureau.desk.network.give(blob!.objectId, stranger))
  const renewer = bureau.renewer()
  await renewer.check(never)
  t.match(renewer.view.outlook, { ours: 0, endangered: 1 })
  t.match(renewer.view.outlook?.problems, [{ text: /this key cannot renew/ }])
})

test('a commit in between makes it plan anew', async (t) => {
  const bureau = await Bureau.open(t)
  await bureau.commit('a')
  bureau.desk.network.advanceEpoch(3)
  const conflict = () => new ManifestError('conflict', 'somebody was first')
  bureau.desk.script.add({ step: 'renew', times: 2, error: conflict })
  const renewer = bureau.renewer()
  await renewer.check(never)
  t.same(await bureau.ends(), [9])
  await bureau.commit('b')
  t.equal(bureau.desk.drive.state.root!.endEpoch, 9, 'the next commit knows of it')
})

test('a lost answer is not paid for twice', async (t) => {
  const bureau = await Bureau.open(t)
  await bureau.commit('a')
  bureau.desk.network.advanceEpoch(3)
  const lost = () => new StoreError('lost-answer', 'nobody knows')
  bureau.desk.script.add({ step: 'renew', when: 'after', error: lost })
  const renewer = bureau.renewer()
  await t.rejects(renewer.check(never), { code: 'lost-answer' })
  await renewer.check(never)
  t.same(await bureau.ends(), [9])
  t.same(renewer.view.outlook?.problems, [])
})

test('failures are said and tried again, until it is stopped', async (t) => {
  const bureau = await Bureau.open(t)
  await bureau.commit('a')
  bureau.desk.network.advanceEpoch(3)
  const down = () => new StoreError('unreachable', 'the full node is away')
  bureau.desk.script.add({ step: 'prices', times: 3, error: down })
  const waits: number[] = []
  const healed = Promise.withResolvers<void>()
  const clock: Clock = {
    now: () => 0,
    sleep: (ms, signal) => {
      waits.push(ms)
      if (waits.length === 2) t.equal(renewer.view.why, 'the full node is away')
      if (waits.length < 4) return Promise.resolve()
      healed.resolve()
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      )
    },
  }
  const renewer = bureau.renewer({ checkMs: 60_000 }, clock)
  renewer.start()
  await healed.promise
  t.same(waits, [2000, 4000, 8000, 60_000])
  t.equal(renewer.view.why, undefined)
  t.same(await bureau.ends(), [9])
  await renewer.stop()
})

test('by hand: as far as asked, or only told', async (t) => {
  const bureau = await Bureau.open(t)
  await bureau.commit('a')
  const renewer = bureau.renewer({ auto: false })
  const { wal } = bureau
  const told = await renewer.renew({ epochs: 20, dryRun: true }, never)
  t.equal(bureau.wal, wal)
  t.equal(told.transactions, 0)
  const done = await renewer.renew({ epochs: 20, dryRun: false }, never)
  t.equal(done.paid, told.plan.cost)
  t.equal(wal - bureau.wal, done.paid)
  t.same(await bureau.ends(), [21])
  t.equal(done.outlook.endEpoch, 21)
  const again = await renewer.renew({ epochs: 20, dryRun: false }, never)
  t.equal(again.paid, 0n)
})

test('an empty drive needs nothing', async (t) => {
  const bureau = await Bureau.open(t)
  const renewer = bureau.renewer()
  await renewer.check(never)
  t.match(renewer.view.outlook, { packs: 0, endEpoch: undefined, next: undefined, problems: [] })
})

test('what nothing needs is not renewed, and not spoken of', async (t) => {
  const bureau = await Bureau.open(t)
  for (const bytes of [3000, 4000, 5000]) await bureau.commit('a', bytes)
  const { network } = bureau.desk
  network.advanceEpoch(3)
  const asked: number[] = []
  const needed = async (now: Survey) => {
    asked.push(now.packs.length)
    const policy = { forMs: 0, count: 1 }
    const blobs = now.packs.map(({ blob }) => blob)
    const keeping = { policy, nowMs: Date.now() + 1, frozen: [] }
    const root = await readRootRecord(bureau.here.content, rootPiece(now.state.root!))
    return (await neededPacks(root, blobs, bureau.here.content, keeping)).needed
  }
  const renewer = bureau.renewer({}, undefined, needed)
  await renewer.check(never)
  const ends = await bureau.ends()
  t.same([ends[0], ends.at(-1)], [6, 9], 'some are left to end')
  t.same(renewer.view.outlook?.problems, [])
  t.same(asked, [3, 3], 'before and after')
  await renewer.check(never)
  await renewer.check(never)
  t.same(asked, [3, 3], 'and then no more in this epoch')
  network.advanceEpoch(3)
  t.equal((await contents(await bureau.desk.elsewhere())).get('a')?.length, 5000)
})
