import { alice } from './drive.ts'
import { scenario } from './scenario.ts'

scenario('chmod keeps the type and takes 07777 only', async (t, drive) => {
  const id = await drive.file('file')
  t.equal((await drive.set(id, { mode: 0o47777 })).mode, 0o107777)
  const dir = await drive.mkdir('dir')
  t.equal((await drive.set(dir, { mode: 0o1777 })).mode, 0o041777)
})

scenario('chown sets what is given', async (t, drive) => {
  const id = await drive.file('file')
  t.match(await drive.set(id, { uid: 5 }), { uid: 5, gid: 0 })
  t.match(await drive.set(id, { gid: 6 }), { uid: 5, gid: 6 })
  t.match(await drive.set(id, { uid: 0xffff_fffe, gid: 0xffff_fffe }), { uid: 0xffff_fffe })
})

scenario('truncate cuts off, and extends with zeros', async (t, drive) => {
  const id = await drive.file('file', 'bytes')
  t.equal((await drive.set(id, { size: 2 })).size, 2)
  t.equal((await drive.set(id, { size: 4 })).size, 4)
  t.equal(await drive.bytes(id), 'by\0\0')
})

scenario('what has no size cannot be truncated', async (t, drive) => {
  const dir = await drive.mkdir('dir')
  await t.rejects(drive.set(dir, { size: 0 }), { code: 'EISDIR' })
  const id = await drive.file('file')
  await t.rejects(drive.set(id, { size: -1 }), { code: 'EINVAL' })
  await t.rejects(drive.set(id, { size: Number.NaN }), { code: 'EINVAL' })
})

scenario('all attributes in one call', async (t, drive) => {
  const id = await drive.file('file', 'bytes')
  const set = {
    mode: 0o640,
    uid: 1,
    gid: 2,
    size: 3,
    atime: { sec: 4, nsec: 5 },
    mtime: { sec: 6, nsec: 7 },
  }
  const want = { mode: 0o100640, uid: 1, gid: 2, size: 3, atimeSec: 4, mtimeNsec: 7 }
  t.match(await drive.set(id, set), want)
})

scenario(
  'access where the kernel does not check: all may all, but run what cannot run',
  async (t, drive) => {
    const id = await drive.file('file')
    t.doesNotThrow(() => drive.fs.access(id, 6, alice))
    t.throws(() => drive.fs.access(id, 1, alice), { code: 'EACCES' })
    await drive.set(id, { mode: 0o100 })
    t.doesNotThrow(() => drive.fs.access(id, 1, alice))
    t.doesNotThrow(() => drive.fs.access(drive.top, 7, alice))
  },
)

scenario('st_blocks counts what is there', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  await drive.set(id, { size: 1 << 30 })
  t.equal((await drive.stat(id)).blocks, 0)
  await drive.write(id, handle, 1 << 20, 'x'.repeat(4096))
  t.equal((await drive.stat(id)).blocks, 8)
})
