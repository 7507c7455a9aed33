import { nameFromText } from '../../src/terms/name.ts'
import { RenameFlag } from '../../src/vfs/file-system.ts'
import { root } from './drive.ts'
import { scenario } from './scenario.ts'

scenario('a removed directory that is open reads as empty', async (t, drive) => {
  const dir = await drive.mkdir('dir')
  const { handle } = await drive.fs.opendir(dir, 0, root)
  await drive.rmdir('dir')
  const names: string[] = []
  await drive.fs.readdir(dir, handle, 0, false, (name) => names.push(name) > 0)
  t.same(names, [])
  t.equal((await drive.stat(dir)).nlink, 0)
  await drive.fs.releasedir(dir, handle)
})

scenario('nothing can be made in a removed directory', async (t, drive) => {
  const dir = await drive.mkdir('dir')
  const file = await drive.file('file')
  await drive.rmdir('dir')
  const name = nameFromText('new')
  const refused = { code: 'ENOENT' }
  await t.rejects(drive.mkdir('new', dir), refused)
  await t.rejects(drive.create('new', { parent: dir }), refused)
  await t.rejects(drive.symlink('new', 'x', dir), refused)
  await t.rejects(drive.link(file, 'new', dir), refused)
  await t.rejects(async () => drive.fs.tmpfile(dir, 0o600, 2, root), refused)
  await t.rejects(async () => drive.fs.mknod(dir, name, 0o100600, 0, root), refused)
  await t.rejects(drive.rename('file', 'new', 0, drive.top, dir), refused)
  await t.rejects(drive.rename('file', 'new', RenameFlag.noReplace, drive.top, dir), refused)
  await t.rejects(drive.lookup('new', dir), refused)
})

scenario('a directory replaced by rename is a removed one', async (t, drive) => {
  const old = await drive.mkdir('old')
  await drive.mkdir('new')
  await drive.rename('new', 'old')
  t.equal((await drive.stat(old)).nlink, 0)
  await t.rejects(drive.mkdir('below', old), { code: 'ENOENT' })
})
