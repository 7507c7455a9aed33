import { Locker } from './locker.ts'
import { scenario } from './scenario.ts'

scenario('shared and exclusive', async (t, drive) => {
  const one = await Locker.on(drive, 'file', true)
  const two = await one.again()
  one.take(1n, 'read')
  two.take(2n, 'read')
  t.throws(() => two.take(2n, 'write'), { code: 'EAGAIN' })
  one.take(1n, 'unlock')
  two.take(2n, 'write')
  t.throws(() => one.take(1n, 'read'), { code: 'EAGAIN' })
})

scenario('a conversion that fails has lost the old lock', async (t, drive) => {
  const one = await Locker.on(drive, 'file', true)
  const two = await one.again()
  one.take(1n, 'read')
  two.take(2n, 'read')
  t.throws(() => two.take(2n, 'write'), { code: 'EAGAIN' })
  one.take(1n, 'write')
})

scenario('two who share and both want more do not block for ever', async (t, drive) => {
  const one = await Locker.on(drive, 'file', true)
  const two = await one.again()
  one.take(1n, 'read')
  two.take(2n, 'read')
  const first = one.wait(1n, 'write')
  const second = two.wait(2n, 'write')
  t.equal(await first.state(), 'granted')
  t.equal(await second.state(), 'waiting')
  one.take(1n, 'unlock')
  t.equal(await second.state(), 'granted')
})

scenario('flock and fcntl do not see each other', async (t, drive) => {
  const flocks = await Locker.on(drive, 'file', true)
  const ranges = new Locker(drive, flocks.id, await drive.open(flocks.id), false)
  flocks.take(1n, 'write')
  ranges.take(2n, 'write', 0, 9)
  t.equal(ranges.test(2n, 'write', 10, 20), undefined)
  t.pass()
})

scenario('the last close gives it up', async (t, drive) => {
  const one = await Locker.on(drive, 'file', true)
  const two = await one.again()
  one.take(1n, 'write')
  const waiter = two.wait(2n, 'write')
  t.equal(await waiter.state(), 'waiting')
  await one.close(1n)
  t.equal(await waiter.state(), 'granted')
})

scenario('a signal ends a wait', async (t, drive) => {
  const one = await Locker.on(drive, 'file', true)
  const two = await one.again()
  one.take(1n, 'write')
  const waiter = two.wait(2n, 'read')
  waiter.interrupt()
  t.equal(await waiter.state(), 'EINTR')
})
