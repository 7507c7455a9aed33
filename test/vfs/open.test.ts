import { alice, O } from './drive.ts'
import { scenario } from './scenario.ts'

scenario('O_EXCL makes a file or fails', async (t, drive) => {
  await drive.create('file', { flags: O.RDWR | O.EXCL })
  await t.rejects(drive.create('file', { flags: O.RDWR | O.EXCL }), { code: 'EEXIST' })
})

scenario('create of what somebody else has just made opens it', async (t, drive) => {
  const id = await drive.file('file', 'bytes')
  const again = await drive.create('file', { mode: 0o600, caller: alice })
  t.equal(again.id, id)
  t.equal(await drive.read(again.id, again.handle), 'bytes')
  t.match(await drive.stat(id), { mode: 0o100644, uid: 0 }, 'it stays what it was')
  const cut = await drive.create('file', { flags: O.RDWR | O.TRUNC })
  t.equal((await drive.stat(cut.id)).size, 0)
})

scenario('create where something else is makes the kernel look again', async (t, drive) => {
  await drive.mkdir('dir')
  await drive.symlink('link', 'x')
  await t.rejects(drive.create('dir'), { code: 'ESTALE' })
  await t.rejects(drive.create('link'), { code: 'ESTALE' })
})

scenario('O_TRUNC empties a file', async (t, drive) => {
  const id = await drive.file('file', 'bytes')
  await drive.open(id, O.WRONLY | O.TRUNC)
  t.equal((await drive.stat(id)).size, 0)
})

scenario('a directory cannot be opened as a file, nor the other way round', async (t, drive) => {
  await t.rejects(drive.open(drive.top), { code: 'EISDIR' })
  const id = await drive.file('file')
  t.throws(() => drive.fs.opendir(id, 0, alice), { code: 'ENOTDIR' })
})

scenario('a handle opened for reading does not write', async (t, drive) => {
  const id = await drive.file('file', 'bytes')
  const handle = await drive.open(id, O.RDONLY)
  await t.rejects(drive.write(id, handle, 0, 'x'), { code: 'EBADF' })
})

scenario('a handle opened for writing reads for the writeback cache', async (t, drive) => {
  const id = await drive.file('file', 'bytes')
  const handle = await drive.open(id, O.WRONLY)
  t.equal(await drive.read(id, handle), 'bytes')
})

scenario('a closed handle is EBADF, and its number is not given again', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  await drive.fs.release(id, handle, undefined)
  await t.rejects(drive.read(id, handle), { code: 'EBADF' })
  await t.rejects(drive.write(id, handle, 0, 'x'), { code: 'EBADF' })
  t.throws(() => drive.fs.flush(id, handle, 1n), { code: 'EBADF' })
  t.not(await drive.open(id), handle)
  t.doesNotThrow(() => drive.fs.release(id, handle, undefined))
})

scenario('the content is told when a handle is closed', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  await drive.fs.release(id, handle, undefined)
  t.equal(drive.content.forgotten.length, 1)
})

scenario('the end of the mount closes and forgets everything', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  await drive.fs.opendir(drive.top, 0, alice)
  await drive.unlink('file')
  drive.posix.unmounted()
  t.match(drive.posix.counts, { knownInodes: 1, openFiles: 0, openDirectories: 0, lockedFiles: 0 })
  await t.rejects(drive.read(id, handle), { code: 'EBADF' })
  await t.rejects(drive.stat(id), { code: 'ESTALE' })
})

scenario('reading clips at the end', async (t, drive) => {
  const id = await drive.file('file', 'bytes')
  const handle = await drive.open(id, O.RDONLY)
  t.equal(await drive.read(id, handle, 3, 100), 'es')
  t.equal(await drive.read(id, handle, 5, 100), '')
  t.equal(await drive.read(id, handle, 5000, 100), '')
})
