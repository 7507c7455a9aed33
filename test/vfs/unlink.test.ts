import { scenario } from './scenario.ts'

scenario('unlink takes the name away and moves the times of the directory', async (t, drive) => {
  await drive.file('file')
  const before = await drive.stat(drive.top)
  drive.clock.ms += 5000
  await drive.unlink('file')
  t.same(await drive.names(), [])
  const after = await drive.stat(drive.top)
  t.equal(after.mtimeSec, before.mtimeSec + 5)
  t.equal(after.ctimeSec, before.ctimeSec + 5)
})

scenario('unlink of a directory is EISDIR', async (t, drive) => {
  await drive.mkdir('dir')
  await t.rejects(drive.unlink('dir'), { code: 'EISDIR' })
})

scenario('unlink of what is not there is ENOENT', async (t, drive) => {
  await t.rejects(drive.unlink('nothing'), { code: 'ENOENT' })
})

scenario('unlink of one of two names lowers the count and moves ctime', async (t, drive) => {
  const id = await drive.file('one')
  await drive.link(id, 'two')
  const before = await drive.stat(id)
  drive.clock.ms += 5000
  await drive.unlink('one')
  const after = await drive.stat(id)
  t.equal(before.nlink, 2)
  t.equal(after.nlink, 1)
  t.equal(after.ctimeSec, before.ctimeSec + 5)
})
