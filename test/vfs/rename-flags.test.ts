import { RenameFlag } from '../../src/vfs/file-system.ts'
import { scenario } from './scenario.ts'

const { noReplace, exchange, whiteout } = RenameFlag

scenario('NOREPLACE replaces nothing', async (t, drive) => {
  const id = await drive.file('one')
  await drive.file('two')
  await t.rejects(drive.rename('one', 'two', noReplace), { code: 'EEXIST' })
  await t.rejects(drive.rename('one', 'one', noReplace), { code: 'EEXIST' })
  await drive.rename('one', 'three', noReplace)
  t.equal((await drive.lookup('three')).id, id)
})

scenario('EXCHANGE lets two names change places, whatever they are', async (t, drive) => {
  const dir = await drive.mkdir('dir')
  const file = await drive.file('file', '', dir)
  const other = await drive.mkdir('other')
  await drive.file('inside', '', other)
  await drive.rename('file', 'other', exchange, dir, drive.top)
  t.equal((await drive.lookup('other')).id, file)
  t.equal((await drive.lookup('file', dir)).id, other)
  t.equal((await drive.lookup('..', other)).id, dir)
  t.equal((await drive.stat(dir)).nlink, 3)
  t.equal((await drive.stat(drive.top)).nlink, 3)
})

scenario('EXCHANGE wants both names, and no circle', async (t, drive) => {
  const a = await drive.mkdir('a')
  const b = await drive.mkdir('b', a)
  await drive.file('f', '', b)
  await t.rejects(drive.rename('a', 'nothing', exchange), { code: 'ENOENT' })
  await t.rejects(drive.rename('a', 'f', exchange, drive.top, b), { code: 'EINVAL' })
  await t.rejects(drive.rename('f', 'a', exchange, b, drive.top), { code: 'EINVAL' })
})

scenario('WHITEOUT leaves a character device 0/0', async (t, drive) => {
  const id = await drive.file('file')
  await drive.rename('file', 'moved', whiteout)
  t.equal((await drive.lookup('moved')).id, id)
  const left = await drive.stat((await drive.lookup('file')).id)
  t.equal(left.mode, 0o020000)
  t.equal(left.rdev, 0)
})

scenario('flags that do not go together or are unknown are EINVAL', async (t, drive) => {
  await drive.file('one')
  await drive.file('two')
  for (const flags of [noReplace | exchange, exchange | whiteout, 8, 16]) {
    await t.rejects(drive.rename('one', 'two', flags), { code: 'EINVAL' }, `flags ${flags}`)
  }
  t.same((await drive.names()).sort(), ['one', 'two'])
})
