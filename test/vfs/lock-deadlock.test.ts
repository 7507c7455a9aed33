import { Locker } from './locker.ts'
import { scenario } from './scenario.ts'

scenario('two who wait for each other: the second is told', async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  locker.take(1n, 'write', 0, 0)
  locker.take(2n, 'write', 1, 1)
  const first = locker.wait(1n, 'write', 1, 1)
  const second = locker.wait(2n, 'write', 0, 0)
  t.equal(await second.state(), 'EDEADLK')
  t.equal(await first.state(), 'waiting')
  locker.take(2n, 'unlock')
  t.equal(await first.state(), 'granted')
})

scenario('a circle of three over two files', async (t, drive) => {
  const one = await Locker.on(drive, 'one')
  const two = await Locker.on(drive, 'two')
  one.take(1n, 'write', 0, 0)
  two.take(2n, 'write', 0, 0)
  one.take(3n, 'write', 1, 1)
  const a = two.wait(1n, 'write', 0, 0)
  const b = one.wait(2n, 'write', 1, 1)
  const c = one.wait(3n, 'read', 0, 0)
  t.equal(await c.state(), 'EDEADLK')
  t.equal(await a.state(), 'waiting')
  t.equal(await b.state(), 'waiting')
})

scenario('two readers who both want to write', async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  locker.take(1n, 'read', 0, 9)
  locker.take(2n, 'read', 0, 9)
  const first = locker.wait(1n, 'write', 0, 9)
  t.equal(await first.state(), 'waiting')
  t.equal(await locker.wait(2n, 'write', 0, 9).state(), 'EDEADLK')
})

scenario('a long queue is no circle', async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  locker.take(1n, 'write', 0, 9)
  const waiters = [2n, 3n, 4n].map((owner) => locker.wait(owner, 'write', 0, 9))
  for (const waiter of waiters) t.equal(await waiter.state(), 'waiting')
  for (const owner of [1n, 2n, 3n]) locker.take(owner, 'unlock')
  for (const waiter of waiters) t.equal(await waiter.state(), 'granted')
})

scenario('a wait that was given up closes no circle', async (t, drive) => {
  const locker = await Locker.on(drive, 'file')
  locker.take(1n, 'write', 0, 0)
  locker.take(2n, 'write', 1, 1)
  const first = locker.wait(1n, 'write', 1, 1)
  first.interrupt()
  t.equal(await first.state(), 'EINTR')
  t.equal(await locker.wait(2n, 'write', 0, 0).state(), 'waiting')
})
