import type { LockRange } from '../../src/vfs/file-system.ts'
import { scenario } from './scenario.ts'
import { Locker } from './locker.ts'

scenario('readers share, a writer does not', async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  locker.take(1n, 'read', 0, 9)
  locker.take(2n, 'read', 5, 14)
  t.throws(() => locker.take(3n, 'write', 0, 4), { code: 'EAGAIN' })
  locker.take(3n, 'write', 15, 20)
  t.throws(() => locker.take(1n, 'read', 20, 30), { code: 'EAGAIN' })
})

scenario('an owner never stands in its own way, and upgrades', async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  locker.take(1n, 'read', 0, 9)
  locker.take(1n, 'write', 3, 5)
  t.match(locker.test(2n, 'read', 0, 9), { type: 'write', start: 3, end: 5 })
  locker.take(2n, 'read', 0, 2)
  t.throws(() => locker.take(1n, 'write', 0, 9), { code: 'EAGAIN' })
  t.match(locker.test(2n, 'read', 0, 9), { type: 'write', start: 3, end: 5 }, 'nothing was lost')
})

scenario('unlocking the middle leaves two locks', async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  locker.take(1n, 'write', 0, 99)
  locker.take(1n, 'unlock', 40, 59)
  locker.take(2n, 'write', 40, 59)
  t.match(locker.test(2n, 'write', 0, 39), { start: 0, end: 39 })
  t.match(locker.test(2n, 'write', 60, 200), { start: 60, end: 99 })
})

scenario('the lock that stands in the way is told with its process', async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  t.equal(locker.test(2n, 'write', 0, 9), undefined)
  locker.take(1n, 'read', 2, 3)
  const want: LockRange = { type: 'read', start: 2, end: 3, pid: 1 }
  t.same(locker.test(2n, 'write', 0, 9), want)
  t.equal(locker.test(2n, 'read', 0, 9), undefined)
})

scenario("the owner's first close of any descriptor gives all up", async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  locker.take(1n, 'write', 0, 9)
  locker.take(2n, 'write', 10, 19)
  const other = await drive.open(locker.id)
  await drive.fs.flush(locker.id, other, 1n)
  t.equal(locker.test(3n, 'write', 0, 9), undefined)
  t.match(locker.test(3n, 'write', 10, 19), { pid: 2 }, "another owner's lock stays")
})

scenario('a wait ends when the lock is given up', async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  locker.take(1n, 'write', 0, 9)
  const first = locker.wait(2n, 'write', 5, 14)
  const second = locker.wait(3n, 'write', 0, 4)
  t.equal(await first.state(), 'waiting')
  locker.take(1n, 'unlock', 0, 4)
  t.equal(await second.state(), 'granted')
  t.equal(await first.state(), 'waiting')
  await drive.fs.flush(locker.id, locker.handle, 1n)
  t.equal(await first.state(), 'granted')
  t.match(locker.test(4n, 'read', 5, 14), { pid: 2 })
})

scenario('a waiting writer goes on when the last reader goes', async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  locker.take(1n, 'read', 0, 9)
  locker.take(2n, 'read', 0, 9)
  const writer = locker.wait(3n, 'write', 0, 9)
  locker.take(1n, 'unlock', 0, 9)
  t.equal(await writer.state(), 'waiting')
  locker.take(2n, 'unlock', 0, 9)
  t.equal(await writer.state(), 'granted')
})

scenario('several readers are let in at once', async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  locker.take(1n, 'write', 0, 9)
  const readers = [2n, 3n, 4n].map((owner) => locker.wait(owner, 'read', 0, 9))
  locker.take(1n, 'unlock', 0, 9)
  for (const reader of readers) t.equal(await reader.state(), 'granted')
})

scenario('downgrading lets readers in', async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  locker.take(1n, 'write', 0, 9)
  const reader = locker.wait(2n, 'read', 0, 9)
  locker.take(1n, 'read', 0, 9)
  t.equal(await reader.state(), 'granted')
})

scenario('a signal ends a wait, and the lock is not taken later', async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  locker.take(1n, 'write', 0, 9)
  const waiter = locker.wait(2n, 'write', 0, 9)
  waiter.interrupt()
  t.equal(await waiter.state(), 'EINTR')
  locker.take(1n, 'unlock', 0, 9)
  t.equal(locker.test(3n, 'write', 0, 9), undefined)
})

scenario('a call that was interrupted before it began does not wait', async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  locker.take(1n, 'write', 0, 9)
  t.equal(await locker.wait(2n, 'write', 0, 9, AbortSignal.abort()).state(), 'EINTR')
})

scenario('locks of different files have nothing to do with each other', async (t, drive) => {
  const one = await Locker.on(drive, 'one')
  const two = await Locker.on(drive, 'two')
  one.take(1n, 'write', 0, 9)
  two.take(2n, 'write', 0, 9)
  t.match(drive.posix.counts, { lockedFiles: 2 })
  one.take(1n, 'unlock', 0, Number.MAX_SAFE_INTEGER)
  two.take(2n, 'unlock', 0, Number.MAX_SAFE_INTEGER)
  t.match(drive.posix.counts, { lockedFiles: 0 }, 'nothing is kept of them')
})

scenario('an empty range is EINVAL', async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  t.throws(() => locker.take(1n, 'write', 5, 4), { code: 'EINVAL' })
})
