import { scenario } from './scenario.ts'

scenario('a symlink shows its target, byte by byte', async (t, drive) => {
  const target = '../ä/\u{1f40b}'
  const id = await drive.symlink('link', target)
  t.equal(Buffer.from(await drive.fs.readlink(id)).toString(), target)
  t.match(await drive.stat(id), { mode: 0o120777, size: Buffer.from(target).length, nlink: 1 })
})

scenario('a target has 1 to 4095 bytes', async (t, drive) => {
  await drive.symlink('longest', 'x'.repeat(4095))
  await t.rejects(drive.symlink('longer', 'x'.repeat(4096)), { code: 'ENAMETOOLONG' })
  await t.rejects(drive.symlink('empty', ''), { code: 'ENOENT' })
})

scenario('readlink of anything else is EINVAL', async (t, drive) => {
  const file = await drive.file('file')
  t.throws(() => drive.fs.readlink(file), { code: 'EINVAL' })
  t.throws(() => drive.fs.readlink(drive.top), { code: 'EINVAL' })
})

scenario('a symlink has an owner and times, but no mode of its own', async (t, drive) => {
  const id = await drive.symlink('link', 'x')
  const after = await drive.set(id, { uid: 5, gid: 6, mtime: { sec: 7, nsec: 8 } })
  t.match(after, { uid: 5, gid: 6, mtimeSec: 7, mtimeNsec: 8 })
  await t.rejects(drive.set(id, { mode: 0o600 }), { code: 'EOPNOTSUPP' })
  await t.rejects(drive.set(id, { size: 0 }), { code: 'EINVAL' })
  await t.rejects(drive.open(id), { code: 'ELOOP' })
})
