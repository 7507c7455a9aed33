import { maxFileBytes } from '../../src/vfs/limits.ts'
import { root } from './drive.ts'
import { scenario } from './scenario.ts'

scenario('a file can be 8 PiB less one block', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  await drive.write(id, handle, maxFileBytes - 5, 'bytes')
  t.equal((await drive.stat(id)).size, maxFileBytes)
  t.equal(await drive.read(id, handle, maxFileBytes - 5), 'bytes')
  t.equal(await drive.fs.lseek(id, handle, 0, 3), maxFileBytes - 5)
})

scenario('beyond it is EFBIG', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  await t.rejects(drive.set(id, { size: maxFileBytes + 1 }), { code: 'EFBIG' })
  await t.rejects(drive.write(id, handle, maxFileBytes, 'x'), { code: 'EFBIG' })
  const allocate = async () => drive.fs.fallocate(id, handle, 0, maxFileBytes, 1, root)
  await t.rejects(allocate(), { code: 'EFBIG' })
  t.equal(await drive.write(id, handle, maxFileBytes - 2, 'bytes'), 2, 'what fits is written')
})
