import { nameFromText } from '../../src/terms/name.ts'
import { FileType } from '../../src/tree/inode.ts'
import { XattrFlag } from '../../src/vfs/file-system.ts'
import { alice, root } from './drive.ts'
import { scenario } from './scenario.ts'

scenario('an attribute is set, read, listed, replaced and taken away', async (t, drive) => {
  const id = await drive.file('file')
  await drive.setxattr(id, 'user.one', 'first')
  await drive.setxattr(id, 'user.two', Uint8Array.of(0, 255, 0))
  await drive.setxattr(id, 'user.empty', '')
  t.equal((await drive.getxattr(id, 'user.one')).toString(), 'first')
  t.same([...(await drive.getxattr(id, 'user.two'))], [0, 255, 0])
  t.equal((await drive.getxattr(id, 'user.empty')).length, 0)
  t.same([...(await drive.fs.listxattr(id, root))].sort(), ['user.empty', 'user.one', 'user.two'])
  await drive.setxattr(id, 'user.one', 'second')
  t.equal((await drive.getxattr(id, 'user.one')).toString(), 'second')
  await drive.removexattr(id, 'user.one')
  await t.rejects(drive.getxattr(id, 'user.one'), { code: 'ENODATA' })
  await t.rejects(drive.removexattr(id, 'user.one'), { code: 'ENODATA' })
})

scenario('the bytes that were given may be used again', async (t, drive) => {
  const id = await drive.file('file')
  const value = Buffer.from('before')
  await drive.fs.setxattr(id, nameFromText('user.x'), value, 0, root)
  value.fill(0)
  t.equal((await drive.getxattr(id, 'user.x')).toString(), 'before')
})

scenario('CREATE and REPLACE', async (t, drive) => {
  const id = await drive.file('file')
  await t.rejects(drive.setxattr(id, 'user.x', '1', XattrFlag.replace), { code: 'ENODATA' })
  await drive.setxattr(id, 'user.x', '1', XattrFlag.create)
  await t.rejects(drive.setxattr(id, 'user.x', '2', XattrFlag.create), { code: 'EEXIST' })
  await drive.setxattr(id, 'user.x', '3', XattrFlag.replace)
  t.equal((await drive.getxattr(id, 'user.x')).toString(), '3')
})

scenario('namespaces', async (t, drive) => {
  const id = await drive.file('file')
  await t.rejects(drive.getxattr(id, 'security.selinux'), { code: 'EOPNOTSUPP' }, 'no label')
  await drive.setxattr(id, 'security.selinux', 'label')
  t.equal((await drive.getxattr(id, 'security.selinux')).toString(), 'label')
  await drive.setxattr(id, 'trusted.x', 'for root')
  for (const name of ['system.other', 'nothing.x', 'user', 'user.', 'plain', 'USER.x']) {
    await t.rejects(drive.setxattr(id, name, ''), { code: 'EOPNOTSUPP' }, name)
    await t.rejects(drive.getxattr(id, name), { code: 'EOPNOTSUPP' }, name)
    await t.rejects(drive.removexattr(id, name), { code: 'EOPNOTSUPP' }, name)
  }
})

scenario('trusted attributes are for root', async (t, drive) => {
  const id = await drive.file('file')
  await drive.setxattr(id, 'trusted.x', 'secret')
  await t.rejects(drive.setxattr(id, 'trusted.x', '', 0, alice), { code: 'EPERM' })
  await t.rejects(drive.removexattr(id, 'trusted.x', alice), { code: 'EPERM' })
  await t.rejects(drive.getxattr(id, 'trusted.x', alice), { code: 'ENODATA' })
  t.same(await drive.fs.listxattr(id, alice), [])
  t.same(await drive.fs.listxattr(id, root), ['trusted.x'])
})

scenario('user attributes stand on files and directories', async (t, drive) => {
  await drive.setxattr(await drive.mkdir('dir'), 'user.x', 'y')
  const link = await drive.symlink('link', 'x')
  await t.rejects(drive.setxattr(link, 'user.x', 'y'), { code: 'EPERM' })
  await t.rejects(drive.getxattr(link, 'user.x'), { code: 'ENODATA' })
  await drive.setxattr(link, 'trusted.x', 'y')
  const name = nameFromText('fifo')
  const { id: fifo } = await drive.fs.mknod(drive.top, name, FileType.fifo | 0o600, 0, root)
  await t.rejects(drive.setxattr(fifo, 'user.x', 'y'), { code: 'EPERM' })
})

scenario('limits', async (t, drive) => {
  const id = await drive.file('file')
  await drive.setxattr(id, 'user.x', 'y'.repeat(65_536))
  await t.rejects(drive.setxattr(id, 'user.x', 'y'.repeat(65_537)), { code: 'E2BIG' })
  await drive.setxattr(id, `user.${'n'.repeat(250)}`, 'y')
  await t.rejects(drive.setxattr(id, `user.${'n'.repeat(251)}`, 'y'), { code: 'ERANGE' })
})

scenario('names of one inode fill at most 64 KiB', async (t, drive) => {
  const id = await drive.file('file')
  const name = (index: number) => `user.${String(index).padStart(250, '0')}`
  for (let index = 0; index < 256; index++) await drive.setxattr(id, name(index), '')
  await t.rejects(drive.setxattr(id, 'user.one', ''), { code: 'ENOSPC' })
  await drive.setxattr(id, name(7), 'replaced')
})

scenario('names and values of one inode fill at most 1 MiB', async (t, drive) => {
  const id = await drive.file('file')
  const value = 'v'.repeat(65_536)
  for (let index = 0; index < 15; index++) await drive.setxattr(id, `user.${index}`, value)
  await t.rejects(drive.setxattr(id, 'user.15', value), { code: 'ENOSPC' })
  await drive.setxattr(id, 'user.3', value)
  await drive.setxattr(id, 'user.15', 'small')
})
