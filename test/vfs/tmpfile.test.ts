import { O, root, alice } from './drive.ts'
import { scenario } from './scenario.ts'

scenario('O_TMPFILE makes a file without a name, and link gives it one', async (t, drive) => {
  const dir = await drive.mkdir('dir', drive.top, 0o777)
  const { node, opened } = await drive.fs.tmpfile(dir, 0o666, O.RDWR, alice)
  t.same(await drive.names(dir), [])
  const born = await drive.stat(node.id)
  t.match(born, { nlink: 0, mode: 0o100644, uid: 1000, gid: 1000 })
  await drive.write(node.id, opened.handle, 0, 'bytes')
  await drive.link(node.id, 'named', dir)
  t.equal((await drive.stat(node.id)).nlink, 1)
  t.equal(await drive.bytes((await drive.lookup('named', dir)).id), 'bytes')
  await drive.unlink('named', dir)
  await t.rejects(drive.link(node.id, 'again', dir), { code: 'ENOENT' })
})

scenario('O_TMPFILE with O_EXCL never gets a name', async (t, drive) => {
  const { node } = await drive.fs.tmpfile(drive.top, 0o600, O.RDWR | O.EXCL, root)
  await t.rejects(drive.link(node.id, 'named'), { code: 'ENOENT' })
})
