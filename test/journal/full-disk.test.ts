import { test } from 'tap'
import { FsError } from '../../src/terms/errno.ts'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'
import { openJournal, record, texts, turn } from './scratch-journal.ts'

test('a full disk refuses records early, keeps what it took, and goes on when there is room', async (t) => {
  const disk = new SimulatedDisk()
  disk.capacity = 100_000
  let now = 0
  const { journal } = await openJournal(disk, 0, {
    reserveBytes: 20_000,
    clock: { now: () => now, sleep: () => new Promise(() => {}) },
  })
  const taken: string[] = []
  const fill = (): void => {
    for (let index = 0; index < 200; index++) {
      const text = `${taken.length}${'.'.repeat(1000)}`
      journal.append(record(text))
      taken.push(text)
    }
  }
  t.throws(fill, { code: 'ENOSPC' })
  t.ok(taken.length > 70 && taken.length < 81, `${taken.length} records`)
  await journal.sync()
  t.throws(() => journal.append(record('no'.repeat(1000))), { code: 'ENOSPC' })
  disk.capacity = 150_000
  now += 1000
  const text = 'there is room'
  journal.append(record(text))
  taken.push(text)
  await journal.close()
  t.same(texts((await openJournal(disk)).journal), taken)
})

test('a disk that fills up behind our back refuses at the write: buffered records wait, nothing is doubled', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await openJournal(disk, 0, { reserveBytes: 0 })
  journal.append(record('first'))
  await journal.sync()
  disk.fault = (operation) => (operation === 'write' ? 'ENOSPC' : undefined)
  journal.append(record('second'))
  await turn()
  t.throws(() => journal.append(record('third')), { code: 'ENOSPC' })
  await t.rejects(journal.sync(), { code: 'ENOSPC' })
  t.throws(() => journal.rotate(), { code: 'ENOSPC' })
  disk.fault = () => undefined
  journal.append(record('fourth'))
  await journal.sync()
  await journal.close()
  t.same(texts((await openJournal(disk)).journal), ['first', 'second', 'fourth'])
})

test('a write that is cut short by a full disk is taken up again in the right place', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await openJournal(disk, 0, { reserveBytes: -1e9 })
  disk.capacity = 40 + 500
  journal.append(record('a'.repeat(700)))
  await turn()
  await t.rejects(journal.sync(), { code: 'ENOSPC' })
  disk.capacity = Infinity
  await journal.sync()
  await journal.close()
  t.same(texts((await openJournal(disk)).journal), ['a'.repeat(700)])
})

test('what was reserved can be appended in the same turn, whatever the disk does', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await openJournal(disk, 0, { reserveBytes: 0 })
  disk.fault = (operation) => (operation === 'write' ? 'EIO' : undefined)
  journal.reserve(1 << 20)
  journal.append(Buffer.alloc(600_000))
  journal.append(Buffer.alloc(400_000))
  await turn()
  t.throws(() => journal.reserve(1), { code: 'EIO' })
  disk.fault = () => undefined
  journal.reserve(1)
  await journal.close()
})

test('a failed fdatasync is told to every waiter, and nothing is promised ever after', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await openJournal(disk)
  journal.append(record('one'))
  let fails = true
  disk.fault = (operation) => (operation === 'datasync' && fails ? 'EIO' : undefined)
  const waiters = [journal.sync(), journal.sync()]
  await Promise.resolve()
  await Promise.resolve()
  waiters.push(journal.sync())
  for (const result of await Promise.allSettled(waiters)) {
    t.equal(result.status, 'rejected')
    t.ok(result.status === 'rejected' && result.reason instanceof FsError)
  }
  fails = false
  await t.rejects(journal.sync(), { code: 'EIO' })
  t.throws(() => journal.append(record('two')), { code: 'EIO' })
  t.throws(() => journal.rotate(), { code: 'EIO' })
  await t.rejects(journal.close(), { code: 'EIO' })
  t.equal(disk.openDescriptors, 0)
})

test('when what goes before cannot be made stable, the sync fails and can be tried again', async (t) => {
  const disk = new SimulatedDisk()
  let fails = true
  const { journal } = await openJournal(disk, 0, {
    before: async () => {
      if (fails) throw new FsError('EIO', 'staging')
    },
  })
  journal.append(record('one'))
  await t.rejects(journal.sync(), { code: 'EIO' })
  fails = false
  await journal.sync()
  await journal.close()
})
