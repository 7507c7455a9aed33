import { test } from 'tap'
import { GroupCommit } from '../../src/runtime/group-commit.ts'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'
import { openJournal, record, turn } from './scratch-journal.ts'

test('callers of one turn share one fdatasync', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await openJournal(disk)
  const before = disk.datasyncs
  await Promise.all(
    Array.from({ length: 50 }, (_, index) => {
      journal.append(record(`record ${index}`))
      return journal.sync()
    }),
  )
  t.equal(disk.datasyncs - before, 1)
  await journal.close()
})

test('callers that come while a sync runs share the next one', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await openJournal(disk)
  journal.append(record('first'))
  const before = disk.datasyncs
  const syncs = [journal.sync()]
  await Promise.resolve()
  await Promise.resolve()
  for (let index = 0; index < 20; index++) {
    journal.append(record(`record ${index}`))
    syncs.push(journal.sync())
  }
  await Promise.all(syncs)
  t.equal(disk.datasyncs - before, 2)
  await journal.close()
})

test('a sync with nothing new costs nothing', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await openJournal(disk)
  journal.append(record('one'))
  await journal.sync()
  const [bytes, datasyncs] = [journal.bytes, disk.datasyncs]
  await journal.sync()
  await journal.sync()
  t.same([journal.bytes, disk.datasyncs], [bytes, datasyncs])
  await journal.close()
})

test('what a record names is stable before the record is', async (t) => {
  const disk = new SimulatedDisk()
  const order: string[] = []
  disk.fault = (operation) => {
    if (operation === 'datasync') order.push('journal')
    return undefined
  }
  const { journal } = await openJournal(disk, 0, {
    before: async () => {
      await turn()
      order.push('staging')
    },
  })
  order.length = 0
  journal.append(record('one'))
  await journal.sync()
  t.same(order, ['staging', 'journal'])
  await journal.close()
})

test('unsynced records are synced unasked, and only then', async (t) => {
  const disk = new SimulatedDisk()
  let wake = (): void => {}
  let waits = 0
  const { journal } = await openJournal(disk, 0, {
    syncEveryMs: 5000,
    clock: {
      now: () => 0,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          t.equal(ms, 5000)
          waits++
          wake = resolve
          signal.addEventListener('abort', () => reject(signal.reason as Error))
        }),
    },
  })
  t.equal(waits, 0)
  journal.append(record('one'))
  journal.append(record('two'))
  await turn()
  t.equal(waits, 1)
  const before = disk.datasyncs
  wake()
  for (let turns = 0; turns < 5; turns++) await turn()
  t.equal(disk.datasyncs - before, 1)
  t.equal(waits, 1, 'nobody waits while there is nothing to sync')
  journal.append(record('three'))
  t.equal(waits, 2)
  await journal.close()
})

test('a failed commit is told to those who waited for it and to nobody else', async (t) => {
  let runs = 0
  const commits = new GroupCommit(async () => {
    runs++
    await turn()
    if (runs === 1) throw new Error('first')
  })
  const first = commits.run()
  await Promise.resolve()
  await Promise.resolve()
  const second = commits.run()
  t.equal(commits.run(), second)
  await t.rejects(first, { message: 'first' })
  await t.resolves(second)
  t.equal(runs, 2)
})
