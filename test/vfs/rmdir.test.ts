import { nameFromText } from '../../src/terms/name.ts'
import { root } from './drive.ts'
import { scenario } from './scenario.ts'

scenario(
  'rmdir takes an empty directory away and lowers the count of the one above',
  async (t, drive) => {
    await drive.mkdir('dir')
    t.equal((await drive.stat(drive.top)).nlink, 3)
    await drive.rmdir('dir')
    t.equal((await drive.stat(drive.top)).nlink, 2)
    t.same(await drive.names(), [])
  },
)

scenario('rmdir of a full directory is ENOTEMPTY', async (t, drive) => {
  const dir = await drive.mkdir('dir')
  await drive.file('file', '', dir)
  await t.rejects(drive.rmdir('dir'), { code: 'ENOTEMPTY' })
  await drive.unlink('file', dir)
  await drive.rmdir('dir')
})

scenario('rmdir of a file or a symlink is ENOTDIR', async (t, drive) => {
  await drive.file('file')
  await drive.mkdir('dir')
  await drive.symlink('link', 'dir')
  await t.rejects(drive.rmdir('file'), { code: 'ENOTDIR' })
  await t.rejects(drive.rmdir('link'), { code: 'ENOTDIR' })
  await t.rejects(drive.rmdir('nothing'), { code: 'ENOENT' })
})

scenario('rmdir of . and ..', async (t, drive) => {
  await t.rejects(drive.rmdir('.'), { code: 'EINVAL' })
  await t.rejects(drive.rmdir('..'), { code: 'ENOTEMPTY' })
})

scenario('a directory made after the check is not lost to rmdir', async (t, drive) => {
  const dir = await drive.mkdir('dir')
  const removing = (async () => drive.fs.rmdir(drive.top, nameFromText('dir'), root))()
  const making = drive.mkdir('below', dir)
  const [removed, made] = await Promise.allSettled([removing, making])
  t.not(removed.status, made.status, 'one of them failed')
})
