import { test } from 'tap'
import { nameFromText, nameToText } from '../../src/terms/name.ts'
import type { Node, NodeId } from '../../src/vfs/file-system.ts'
import { RenameFlag } from '../../src/vfs/file-system.ts'
import { statusDirectory } from '../../src/vfs/status-directory.ts'
import { Drive, HandClock, O, root } from './drive.ts'

function driveWithStatus(text: () => string | Promise<string> = () => '{"dirty":0}\n') {
  const owner = { uid: 1000, gid: 1000 }
  return new Drive({ virtual: statusDirectory(new HandClock(), owner, text) })
}

async function statusOf(drive: Drive): Promise<NodeId> {
  const top = await drive.lookup('.walrusfs')
  return (await drive.lookup('status.json', top.id)).id
}

test('the directory is there, and no listing shows it', async (t) => {
  const drive = driveWithStatus()
  const top = await drive.lookup('.walrusfs')
  t.match(top.attributes, { mode: 0o040500, uid: 1000, nlink: 2 })
  t.same(await drive.names(), [])
  t.equal(await drive.fs.getattr(top.id, undefined), top.attributes)
})

test('status.json shows what the daemon says, fresh at each open, around the page cache', async (t) => {
  let count = 0
  const drive = driveWithStatus(async () => `${++count}`.repeat(5))
  const id = await statusOf(drive)
  const opened = await drive.fs.open(id, O.RDONLY, root)
  t.match(opened, { directIo: true, keepCache: false })
  t.equal(await drive.read(id, opened.handle, 0), '11111')
  t.equal(await drive.read(id, opened.handle, 3), '11', 'the same until it is closed')
  t.equal(await drive.read(id, opened.handle, 5), '')
  const again = await drive.fs.open(id, O.RDONLY, root)
  t.equal(await drive.read(id, again.handle), '22222')
  await drive.fs.flush(id, again.handle, 1n)
  await drive.fs.fsync(id, again.handle, false)
  await drive.fs.release(id, again.handle, undefined)
  await t.rejects(drive.read(id, again.handle), { code: 'EBADF' })
})

test('it can be listed itself, with and without attributes', async (t) => {
  const drive = driveWithStatus()
  const top = await drive.lookup('.walrusfs')
  const { handle } = await drive.fs.opendir(top.id, 0, root)
  const lines: { name: string; cookie: number; ino: number; node: Node | undefined }[] = []
  await drive.fs.readdir(top.id, handle, 0, true, (name, ino, _mode, cookie, node) => {
    lines.push({ name: nameToText(name), cookie, ino, node })
    return true
  })
  t.same(
    lines.map(({ name }) => name),
    ['.', '..', 'status.json'],
  )
  t.equal(lines[1]!.ino, (await drive.stat(drive.top)).ino)
  t.equal(lines[2]!.node!.id, await statusOf(drive))
  const rest: string[] = []
  const sink = (name: string) => rest.push(name) > 0
  await drive.fs.readdir(top.id, handle, lines[1]!.cookie, false, sink)
  t.same(rest, ['status.json'])
  await drive.fs.releasedir(top.id, handle)
})

test('nothing in it can be changed', async (t) => {
  const drive = driveWithStatus()
  const { id: top } = await drive.lookup('.walrusfs')
  const status = await statusOf(drive)
  const file = await drive.file('file')
  const calls: Record<string, () => unknown> = {
    create: () => drive.create('x', { parent: top }),
    mkdir: () => drive.mkdir('x', top),
    symlink: () => drive.symlink('x', 'y', top),
    mknod: () => drive.fs.mknod(top, nameFromText('x'), 0o100600, 0, root),
    tmpfile: () => drive.fs.tmpfile(top, 0o600, O.RDWR, root),
    unlink: () => drive.unlink('status.json', top),
    rmdir: () => drive.rmdir('x', top),
    'rename in': () => drive.rename('file', 'x', 0, drive.top, top),
    'rename out': () => drive.rename('status.json', 'x', 0, top, drive.top),
    'link in': () => drive.link(file, 'x', top),
    'link out': () => drive.link(status, 'x'),
    chmod: () => drive.set(status, { mode: 0o777 }),
    'open for writing': () => drive.open(status, O.WRONLY),
    setxattr: () => drive.setxattr(status, 'user.x', 'y'),
    removexattr: () => drive.removexattr(status, 'user.x'),
    'access for writing': () => drive.fs.access(status, 2, root),
  }
  for (const [what, call] of Object.entries(calls)) {
    await t.rejects(async () => call(), { code: 'EROFS' }, what)
  }
})

test('its files take no part in what they cannot do', async (t) => {
  const drive = driveWithStatus()
  const { id: top } = await drive.lookup('.walrusfs')
  const status = await statusOf(drive)
  t.same(await drive.fs.listxattr(status, root), [])
  await t.rejects(drive.getxattr(status, 'user.x'), { code: 'ENODATA' })
  await t.rejects(drive.lookup('nothing', top), { code: 'ENOENT' })
  await t.rejects(drive.lookup('x', status), { code: 'ENOTDIR' })
  await t.rejects(drive.open(top, O.RDONLY), { code: 'EISDIR' })
  t.throws(() => drive.fs.opendir(status, 0, root), { code: 'ENOTDIR' })
  t.throws(() => drive.fs.readlink(status), { code: 'EINVAL' })
  t.doesNotThrow(() => drive.fs.access(status, 4, root))
})

test('the name is taken in the root, and nowhere else', async (t) => {
  const drive = driveWithStatus()
  await drive.mkdir('dir')
  const file = await drive.file('file')
  await t.rejects(drive.mkdir('.walrusfs'), { code: 'EEXIST' })
  await t.rejects(drive.create('.walrusfs'), { code: 'EEXIST' })
  await t.rejects(drive.symlink('.walrusfs', 'x'), { code: 'EEXIST' })
  await t.rejects(drive.link(file, '.walrusfs'), { code: 'EEXIST' })
  await t.rejects(drive.rename('dir', '.walrusfs'), { code: 'EBUSY' })
  await t.rejects(drive.rename('.walrusfs', 'x'), { code: 'EBUSY' })
  await t.rejects(drive.rename('dir', '.walrusfs', RenameFlag.exchange), { code: 'EBUSY' })
  await t.rejects(drive.rmdir('.walrusfs'), { code: 'EBUSY' })
  await t.rejects(drive.unlink('.walrusfs'), { code: 'EBUSY' })
  const { id } = await drive.lookup('dir')
  await drive.mkdir('.walrusfs', id)
})

test('a real one that came from elsewhere wins', async (t) => {
  const drive = driveWithStatus()
  const time = { sec: 1, nsec: 0 }
  const name = nameFromText('.walrusfs')
  const made = { type: 'make', parent: 1, name, ino: drive.worktree.allocate(), rdev: 0 } as const
  drive.worktree.apply({ ...made, mode: 0o040700, uid: 5, gid: 5, time })
  t.match((await drive.lookup('.walrusfs')).attributes, { mode: 0o040700, uid: 5 })
  t.same(await drive.names(), ['.walrusfs'])
  await drive.rmdir('.walrusfs')
  t.match((await drive.lookup('.walrusfs')).attributes, { uid: 1000 })
})

test('a virtual inode is forgotten like any other', async (t) => {
  const drive = driveWithStatus()
  const { id } = await drive.lookup('.walrusfs')
  await drive.lookup('.walrusfs')
  drive.fs.forget(id, 1)
  t.ok(await drive.fs.getattr(id, undefined))
  drive.fs.forget(id, 1)
  await t.rejects(async () => drive.fs.getattr(id, undefined), { code: 'ESTALE' })
  t.not((await drive.lookup('.walrusfs')).id, id)
})

test('without one, the name is like any other', async (t) => {
  const drive = new Drive()
  await t.rejects(drive.lookup('.walrusfs'), { code: 'ENOENT' })
  await drive.mkdir('.walrusfs')
  t.same(await drive.names(), ['.walrusfs'])
})
