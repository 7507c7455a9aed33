import { test } from 'tap'
import { nameFromText } from '../../src/terms/name.ts'
import { RenameFlag } from '../../src/vfs/file-system.ts'
import { Drive, O, root } from './drive.ts'

/** Every call that would change something. */
const calls: Record<string, (drive: Drive, id: number, handle: number) => unknown> = {
  create: (drive) => drive.create('new'),
  mknod: (drive) => drive.fs.mknod(1, nameFromText('new'), 0o100644, 0, root),
  mkdir: (drive) => drive.mkdir('new'),
  symlink: (drive) => drive.symlink('new', 'x'),
  link: (drive, id) => drive.link(id, 'new'),
  unlink: (drive) => drive.unlink('file'),
  rmdir: (drive) => drive.rmdir('dir'),
  rename: (drive) => drive.rename('file', 'new'),
  exchange: (drive) => drive.rename('file', 'dir', RenameFlag.exchange),
  tmpfile: (drive) => drive.fs.tmpfile(1, 0o600, O.RDWR, root),
  'open for writing': (drive, id) => drive.open(id, O.WRONLY),
  'open for both': (drive, id) => drive.open(id, O.RDWR),
  O_TRUNC: (drive, id) => drive.open(id, O.RDONLY | O.TRUNC),
  write: (drive, id, handle) => drive.write(id, handle, 0, 'x'),
  fallocate: (drive, id, handle) => drive.fs.fallocate(id, handle, 0, 0, 100, root),
  copy: (drive, id, handle) => drive.fs.copyFileRange(id, handle, 0, id, handle, 10, 3, root),
  chmod: (drive, id) => drive.set(id, { mode: 0o600 }),
  chown: (drive, id) => drive.set(id, { uid: 5 }),
  truncate: (drive, id) => drive.set(id, { size: 0 }),
  utimes: (drive, id) => drive.set(id, { mtime: 'now' }),
  setxattr: (drive, id) => drive.setxattr(id, 'user.x', 'y'),
  removexattr: (drive, id) => drive.removexattr(id, 'user.old'),
  'access for writing': (drive, id) => drive.fs.access(id, 2, root),
}

async function readOnlyDrive() {
  let readOnly = false
  const drive = new Drive({ readOnly: () => readOnly, accessTimes: 'relatime' })
  const { id, handle } = await drive.create('file')
  await drive.write(id, handle, 0, 'bytes')
  await drive.setxattr(id, 'user.old', 'value')
  await drive.mkdir('dir')
  readOnly = true
  return { drive, id, handle }
}

for (const [what, call] of Object.entries(calls)) {
  test(`${what} is EROFS on a read-only mount`, async (t) => {
    const { drive, id, handle } = await readOnlyDrive()
    const before = [await drive.stat(id), await drive.stat(1), await drive.names()]
    await t.rejects(async () => call(drive, id, handle), { code: 'EROFS' })
    t.same([await drive.stat(id), await drive.stat(1), await drive.names()], before)
  })
}

test('reading goes on, and records nothing', async (t) => {
  const { drive, id } = await readOnlyDrive()
  drive.worktree.onChange = () => t.fail('a change was recorded')
  drive.clock.ms += 1000
  t.equal(await drive.bytes(id), 'bytes')
  t.same((await drive.names()).sort(), ['dir', 'file'])
  t.equal((await drive.getxattr(id, 'user.old')).toString(), 'value')
  t.doesNotThrow(() => drive.fs.access(id, 4, root))
})

test('what is there already is still EEXIST or opened', async (t) => {
  const { drive, id } = await readOnlyDrive()
  await t.rejects(drive.mkdir('dir'), { code: 'EROFS' })
  t.equal(await drive.bytes(id), 'bytes')
})
