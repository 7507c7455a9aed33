import { Locker } from './locker.ts'
import { scenario } from './scenario.ts'

scenario('OFD locks go with the last descriptor, not with a close', async (t, drive) => {
  const one = await Locker.on(drive, 'file')
  const two = await one.again()
  one.take(101n, 'write', 0, 9)
  two.take(102n, 'write', 10, 19)
  await drive.fs.flush(one.id, one.handle, 7n)
  t.match(two.test(102n, 'write', 0, 9), { start: 0, end: 9 }, 'a process closed its copy')
  await one.close()
  t.equal(two.test(102n, 'write', 0, 9), undefined)
  t.match(two.test(103n, 'write', 10, 19), { start: 10, end: 19 })
})

scenario('the close of one lets another go on', async (t, drive) => {
  const one = await Locker.on(drive, 'file')
  const two = await one.again()
  one.take(101n, 'write', 0, 9)
  const waiter = two.wait(102n, 'write', 0, 9)
  t.equal(await waiter.state(), 'waiting')
  await one.close()
  t.equal(await waiter.state(), 'granted')
})
