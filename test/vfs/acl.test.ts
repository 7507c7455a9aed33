import type { Test } from 'tap'
import { XattrFlag } from '../../src/vfs/file-system.ts'
import { AclTag, encodeAcl, noId } from '../../src/vfs/acl.ts'
import type { Acl } from '../../src/vfs/acl.ts'
import { alice, O } from './drive.ts'
import type { Drive } from './drive.ts'
import { scenario } from './scenario.ts'

const accessName = 'system.posix_acl_access'
const defaultName = 'system.posix_acl_default'

/** `u::6,u1000:7,g::4,m::7,o::0`, the short form of getfacl with numbers. */
function acl(text: string): Uint8Array {
  const tags: Record<string, number> = {
    'u:': AclTag.owner,
    u: AclTag.user,
    'g:': AclTag.group,
    g: AclTag.namedGroup,
    'm:': AclTag.mask,
    'o:': AclTag.other,
  }
  const entries: Acl = text.split(',').map((part) => {
    const [, kind, id, permissions] = /^([ugmo])(\d*):{1,2}(\d)$/.exec(part)!
    const tag = tags[id === '' ? `${kind}:` : kind!]!
    return { tag, id: id === '' ? noId : Number(id), permissions: Number(permissions) }
  })
  return encodeAcl(entries)
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

async function checkAcl(t: Test, drive: Drive, id: number, name: string, text: string) {
  t.equal(hex(await drive.getxattr(id, name)), hex(acl(text)), text)
}

scenario('the mode follows an access ACL', async (t, drive) => {
  const id = await drive.file('file')
  await drive.setxattr(id, accessName, acl('u::6,u1000:7,g::4,m::5,o::1'))
  t.equal((await drive.stat(id)).mode, 0o100651)
  await checkAcl(t, drive, id, accessName, 'u::6,u1000:7,g::4,m::5,o::1')
})

scenario('an ACL that says no more than a mode becomes the mode', async (t, drive) => {
  const id = await drive.file('file')
  await drive.setxattr(id, accessName, acl('u::7,u1000:7,g::4,m::5,o::1'))
  await drive.setxattr(id, accessName, acl('u::7,g::5,o::0'))
  t.equal((await drive.stat(id)).mode, 0o100750)
  await t.rejects(drive.getxattr(id, accessName), { code: 'ENODATA' })
})

scenario('chmod keeps an access ACL in step', async (t, drive) => {
  const id = await drive.file('file')
  await drive.setxattr(id, accessName, acl('u::6,u1000:7,g::4,m::7,o::0'))
  t.equal((await drive.set(id, { mode: 0o4712 })).mode, 0o104712)
  await checkAcl(t, drive, id, accessName, 'u::7,u1000:7,g::4,m::1,o::2')
})

scenario('taking an access ACL away leaves the mode', async (t, drive) => {
  const id = await drive.file('file')
  await drive.setxattr(id, accessName, acl('u::6,u1000:7,g::4,m::7,o::0'))
  await drive.removexattr(id, accessName)
  t.equal((await drive.stat(id)).mode, 0o100670)
  await drive.removexattr(id, accessName)
  await drive.removexattr(id, defaultName)
})

scenario('an empty ACL takes it away', async (t, drive) => {
  const id = await drive.file('file')
  await drive.setxattr(id, accessName, acl('u::6,u1000:7,g::4,m::7,o::0'))
  await drive.setxattr(id, accessName, Uint8Array.of(2, 0, 0, 0))
  await t.rejects(drive.getxattr(id, accessName), { code: 'ENODATA' })
})

scenario(
  'setgid goes when the kernel says that the caller is not in the group',
  async (t, drive) => {
    const id = await drive.file('file')
    const list = acl('u::7,g::5,o::5')
    await drive.set(id, { mode: 0o2755 })
    await drive.setxattr(id, accessName, list)
    t.equal((await drive.stat(id)).mode, 0o102755)
    await drive.setxattr(id, accessName, list, XattrFlag.killSetgid)
    t.equal((await drive.stat(id)).mode, 0o100755)
  },
)

scenario('a default ACL is for directories, and is handed down', async (t, drive) => {
  const dir = await drive.mkdir('dir')
  const text = 'u::7,u1000:6,g::5,m::7,o::4'
  await drive.setxattr(dir, defaultName, acl(text))
  t.equal((await drive.stat(dir)).mode, 0o040755, 'its own mode stays')

  const file = await drive.create('file', { parent: dir, mode: 0o640, caller: alice })
  t.equal((await drive.stat(file.id)).mode, 0o100640)
  await checkAcl(t, drive, file.id, accessName, 'u::6,u1000:6,g::5,m::4,o::0')
  await t.rejects(drive.getxattr(file.id, defaultName), { code: 'ENODATA' })

  const below = await drive.mkdir('below', dir, 0o777)
  t.equal((await drive.stat(below)).mode, 0o040774, 'no umask where there is a default ACL')
  await checkAcl(t, drive, below, accessName, text)
  await checkAcl(t, drive, below, defaultName, text)

  const link = await drive.symlink('link', 'x', dir)
  await t.rejects(drive.getxattr(link, accessName), { code: 'ENODATA' })
  const { node } = await drive.fs.tmpfile(dir, 0o666, O.RDWR, alice)
  t.equal((await drive.stat(node.id)).mode, 0o100664)
})

scenario('a minimal default ACL leaves nothing but a mode', async (t, drive) => {
  const dir = await drive.mkdir('dir')
  await drive.setxattr(dir, defaultName, acl('u::7,g::5,o::0'))
  const { id } = await drive.create('file', { parent: dir, mode: 0o666 })
  t.equal((await drive.stat(id)).mode, 0o100640)
  await t.rejects(drive.getxattr(id, accessName), { code: 'ENODATA' })
})

scenario('wrong ACLs are refused and change nothing', async (t, drive) => {
  const id = await drive.file('file')
  const before = await drive.stat(id)
  await t.rejects(drive.setxattr(id, accessName, 'nonsense'), { code: 'EINVAL' })
  await t.rejects(drive.setxattr(id, accessName, acl('u::7,u5:7,g::5,o::0')), { code: 'EINVAL' })
  await t.rejects(drive.setxattr(id, defaultName, acl('u::7,g::5,o::0')), { code: 'EACCES' })
  const link = await drive.symlink('link', 'x')
  await t.rejects(drive.setxattr(link, accessName, acl('u::7,g::5,o::0')), { code: 'EOPNOTSUPP' })
  t.same(await drive.stat(id), before)
})

scenario('both ACLs are listed', async (t, drive) => {
  const dir = await drive.mkdir('dir')
  await drive.setxattr(dir, defaultName, acl('u::7,g::5,o::0'))
  await drive.setxattr(dir, accessName, acl('u::6,u1000:7,g::4,m::7,o::0'))
  t.same([...(await drive.fs.listxattr(dir, alice))].sort(), [accessName, defaultName])
})
