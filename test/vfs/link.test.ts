import { test } from 'tap'
import { nameFromText } from '../../src/terms/name.ts'
import { maxLinks } from '../../src/vfs/limits.ts'
import { Drive, root } from './drive.ts'
import { scenario } from './scenario.ts'

scenario('two names of one file are one inode', async (t, drive) => {
  const id = await drive.file('one', 'bytes')
  const before = await drive.stat(id)
  drive.clock.ms += 5000
  const same = await drive.link(id, 'two')
  t.equal(same, id)
  const after = await drive.stat(id)
  t.equal(after.nlink, 2)
  t.equal(after.ino, before.ino)
  t.equal(after.ctimeSec, before.ctimeSec + 5)
  t.equal(after.mtimeSec, before.mtimeSec)
  t.equal(await drive.bytes((await drive.lookup('two')).id), 'bytes')
})

scenario('symlinks and special files can have several names', async (t, drive) => {
  const link = await drive.symlink('link', 'target')
  const { id: fifo } = await drive.fs.mknod(drive.top, nameFromText('fifo'), 0o010644, 0, root)
  await drive.link(link, 'link2')
  await drive.link(fifo, 'fifo2')
  t.equal((await drive.stat(link)).nlink, 2)
  t.equal((await drive.stat(fifo)).nlink, 2)
})

scenario('a directory has one name', async (t, drive) => {
  const dir = await drive.mkdir('dir')
  await t.rejects(drive.link(dir, 'other'), { code: 'EPERM' })
})

scenario('a file without a name cannot be linked again', async (t, drive) => {
  const { id } = await drive.create('file')
  await drive.unlink('file')
  await t.rejects(drive.link(id, 'back'), { code: 'ENOENT' })
})

test('a file has at most 65,000 names', async (t) => {
  const drive = new Drive()
  const id = await drive.file('0')
  for (let index = 1; index < maxLinks; index++) await drive.link(id, `${index}`)
  t.equal((await drive.stat(id)).nlink, 65_000)
  await t.rejects(drive.link(id, 'one too many'), { code: 'EMLINK' })
  await drive.unlink('7')
  await drive.link(id, 'in its place')
})

test('directories count their subdirectories without a limit', async (t) => {
  const drive = new Drive()
  for (let index = 0; index < 66_000; index++) await drive.mkdir(`${index}`)
  t.equal((await drive.stat(drive.top)).nlink, 66_002)
})
