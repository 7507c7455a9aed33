import { test } from 'tap'
import { Drive } from './drive.ts'
import { scenario } from './scenario.ts'
import { root } from './drive.ts'

scenario('a file without a name goes on in every way', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  await drive.write(id, handle, 0, 'before')
  await drive.unlink('file')
  t.equal((await drive.stat(id)).nlink, 0)
  t.equal(await drive.read(id, handle), 'before')
  await drive.write(id, handle, 6, ' and after')
  t.equal(await drive.read(id, handle), 'before and after')
  await drive.set(id, { size: 3, handle })
  t.equal(await drive.read(id, handle), 'bef')
  await drive.set(id, { mode: 0o600 })
  await drive.setxattr(id, 'user.x', 'y')
  await drive.fs.fallocate(id, handle, 0, 0, 100, root)
  await drive.fs.fsync(id, handle, false)
  t.equal((await drive.stat(id)).size, 100)
  await drive.fs.flush(id, handle, 1n)
  await drive.fs.release(id, handle, undefined)
  drive.fs.forget(id, 1)
  await t.rejects(drive.stat(id), { code: 'ESTALE' })
})

scenario('a new file under the old name is another one', async (t, drive) => {
  const old = await drive.create('file')
  await drive.write(old.id, old.handle, 0, 'old')
  await drive.unlink('file')
  const id = await drive.file('file', 'new')
  t.not(id, old.id)
  t.equal(await drive.read(old.id, old.handle), 'old')
  t.equal(await drive.bytes(id), 'new')
})

test('nothing of a file without a name is recorded', async (t) => {
  const drive = new Drive()
  const { id, handle } = await drive.create('file')
  await drive.unlink('file')
  const recorded: unknown[] = []
  drive.worktree.onChange = (change) => recorded.push(change)
  await drive.write(id, handle, 0, 'bytes')
  await drive.set(id, { size: 2 })
  t.same(recorded, [])
})

scenario('a file that is only known, not open, goes on until it is forgotten', async (t, drive) => {
  const id = await drive.file('file')
  await drive.unlink('file')
  t.match(await drive.set(id, { mode: 0o600 }), { mode: 0o100600, nlink: 0 })
})

scenario('a file that is open goes on though the kernel has forgotten it', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  await drive.unlink('file')
  drive.fs.forget(id, 1)
  await drive.write(id, handle, 0, 'bytes')
  t.equal(await drive.read(id, handle), 'bytes')
})
