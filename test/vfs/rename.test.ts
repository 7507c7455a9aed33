import { scenario } from './scenario.ts'

scenario('rename moves a name and keeps the inode', async (t, drive) => {
  const dir = await drive.mkdir('dir')
  const id = await drive.file('file', 'bytes')
  drive.clock.ms += 5000
  const before = await drive.stat(id)
  await drive.rename('file', 'moved', 0, drive.top, dir)
  t.same(await drive.names(), ['dir'])
  t.equal((await drive.lookup('moved', dir)).id, id)
  const after = await drive.stat(id)
  t.equal(after.ctimeSec, before.ctimeSec + 5)
  t.equal(after.mtimeSec, before.mtimeSec)
  t.equal((await drive.stat(dir)).mtimeSec, before.ctimeSec + 5)
  t.equal((await drive.stat(drive.top)).mtimeSec, before.ctimeSec + 5)
})

scenario('rename over a file replaces it, and whoever has it open keeps it', async (t, drive) => {
  await drive.file('new', 'new bytes')
  const old = await drive.create('old')
  await drive.write(old.id, old.handle, 0, 'old bytes')
  await drive.rename('new', 'old')
  t.same(await drive.names(), ['old'])
  t.equal(await drive.bytes((await drive.lookup('old')).id), 'new bytes')
  t.equal(await drive.read(old.id, old.handle), 'old bytes')
  t.equal((await drive.stat(old.id)).nlink, 0)
})

scenario('rename onto another name of the same file does nothing', async (t, drive) => {
  const id = await drive.file('one')
  await drive.link(id, 'two')
  const before = await drive.stat(id)
  drive.clock.ms += 5000
  await drive.rename('one', 'two')
  await drive.rename('one', 'one')
  t.same((await drive.names()).sort(), ['one', 'two'])
  t.same(await drive.stat(id), before)
})

scenario('what may stand over what', async (t, drive) => {
  await drive.file('file')
  await drive.mkdir('empty')
  const full = await drive.mkdir('full')
  await drive.file('x', '', full)
  await drive.mkdir('dir')
  await t.rejects(drive.rename('file', 'empty'), { code: 'EISDIR' })
  await t.rejects(drive.rename('dir', 'file'), { code: 'ENOTDIR' })
  await t.rejects(drive.rename('dir', 'full'), { code: 'ENOTEMPTY' })
  await t.rejects(drive.rename('nothing', 'file'), { code: 'ENOENT' })
  await drive.rename('dir', 'empty')
  t.same((await drive.names()).sort(), ['empty', 'file', 'full'])
})

scenario('a directory cannot go into itself, nor over what it lies in', async (t, drive) => {
  const a = await drive.mkdir('a')
  const b = await drive.mkdir('b', a)
  const c = await drive.mkdir('c', b)
  await t.rejects(drive.rename('a', 'x', 0, drive.top, a), { code: 'EINVAL' })
  await t.rejects(drive.rename('a', 'x', 0, drive.top, c), { code: 'EINVAL' })
  await t.rejects(drive.rename('c', 'a', 0, b, drive.top), { code: 'ENOTEMPTY' })
  await t.rejects(drive.rename('b', 'b', 0, a, c), { code: 'EINVAL' })
})

scenario('a directory that moves takes its .. along', async (t, drive) => {
  const from = await drive.mkdir('from')
  const to = await drive.mkdir('to')
  const moved = await drive.mkdir('dir', from)
  await drive.rename('dir', 'dir', 0, from, to)
  t.equal((await drive.stat(from)).nlink, 2)
  t.equal((await drive.stat(to)).nlink, 3)
  t.equal((await drive.lookup('..', moved)).id, to)
})

scenario('a full directory onto itself: nothing happens', async (t, drive) => {
  const dir = await drive.mkdir('dir')
  await drive.file('inside', '', dir)
  await drive.rename('dir', 'dir')
  t.same(await drive.names(dir), ['inside'])
})
