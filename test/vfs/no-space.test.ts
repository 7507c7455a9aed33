import { test } from 'tap'
import { FsError } from '../../src/terms/errno.ts'
import { Drive, root } from './drive.ts'
import { scenario } from './scenario.ts'

const full = new FsError('ENOSPC', 'the state disk is full')

scenario('a write that staging refuses changes nothing', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  await drive.write(id, handle, 0, 'bytes')
  const before = await drive.stat(id)
  drive.clock.ms += 1000
  drive.content.full = full
  await t.rejects(drive.write(id, handle, 5, 'more'), { code: 'ENOSPC' })
  await t.rejects(Promise.resolve(drive.fs.fsync(id, handle, false)), { code: 'ENOSPC' })
  drive.content.full = undefined
  t.same(await drive.stat(id), before)
  t.equal(await drive.read(id, handle), 'bytes')
})

/** Every call that changes something. */
const calls: Record<string, (drive: Drive, id: number, handle: number) => unknown> = {
  create: (drive) => drive.create('new'),
  mkdir: (drive) => drive.mkdir('new'),
  symlink: (drive) => drive.symlink('new', 'x'),
  link: (drive, id) => drive.link(id, 'new'),
  unlink: (drive) => drive.unlink('file'),
  rmdir: (drive) => drive.rmdir('dir'),
  rename: (drive) => drive.rename('file', 'new'),
  write: (drive, id, handle) => drive.write(id, handle, 2, 'more'),
  truncate: (drive, id) => drive.set(id, { size: 1 }),
  chmod: (drive, id) => drive.set(id, { mode: 0o600 }),
  setxattr: (drive, id) => drive.setxattr(id, 'user.x', 'y'),
  fallocate: (drive, id, handle) => drive.fs.fallocate(id, handle, 0, 0, 100, root),
  punch: (drive, id, handle) => drive.fs.fallocate(id, handle, 3, 0, 2, root),
  copy: (drive, id, handle) => drive.fs.copyFileRange(id, handle, 0, id, handle, 10, 3, root),
}

for (const [what, call] of Object.entries(calls)) {
  test(`${what} that the journal refuses has not happened`, async (t) => {
    const drive = new Drive()
    const { id, handle } = await drive.create('file')
    await drive.write(id, handle, 0, 'bytes')
    await drive.mkdir('dir')
    const state = async () => [await drive.names(), await drive.stat(id), await drive.stat(1)]
    const before = await state()
    drive.clock.ms += 1000
    drive.worktree.onChange = () => {
      throw full
    }
    await t.rejects(async () => call(drive, id, handle), { code: 'ENOSPC' })
    t.same(await state(), before)
    t.equal(await drive.read(id, handle), 'bytes')
    drive.worktree.onChange = () => {}
    await call(drive, id, handle)
    t.notSame(await state(), before, 'and happens once there is room')
  })
}

scenario(
  'the drive holds as much as it may and no more',
  async (t, drive) => {
    const { id, handle } = await drive.create('file')
    await drive.write(id, handle, 0, 'x'.repeat(8000))
    await drive.write(id, handle, 0, 'y'.repeat(8000))
    await t.rejects(drive.write(id, handle, 8000, 'x'.repeat(3000)), { code: 'ENOSPC' })
    await drive.write(id, handle, 8000, 'x'.repeat(2000))
    t.equal((await drive.fs.statfs(drive.top)).freeBlocks, 0)
  },
  { capacityBytes: 10_000 },
)
