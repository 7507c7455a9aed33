import { AllocateMode } from '../../src/vfs/ranges.ts'
import { O, root } from './drive.ts'
import type { Drive } from './drive.ts'
import { scenario } from './scenario.ts'

const { keepSize, punchHole, collapseRange, zeroRange, insertRange } = AllocateMode
const block = 4096

async function opened(drive: Drive, bytes: string) {
  const { id, handle } = await drive.create('file')
  await drive.write(id, handle, 0, bytes)
  const allocate = async (mode: number, offset: number, length: number) =>
    drive.fs.fallocate(id, handle, mode, offset, length, root)
  const read = (offset = 0, length = 100_000) => drive.read(id, handle, offset, length)
  const size = async () => (await drive.stat(id)).size
  return { id, handle, allocate, read, size }
}

scenario('plain fallocate extends with zeros and never shrinks', async (t, drive) => {
  const file = await opened(drive, 'bytes')
  await file.allocate(0, 2, 8)
  t.equal(await file.read(), 'bytes\0\0\0\0\0')
  await file.allocate(0, 0, 3)
  t.equal(await file.size(), 10)
})

scenario('KEEP_SIZE changes nothing', async (t, drive) => {
  const file = await opened(drive, 'bytes')
  await file.allocate(keepSize, 0, 1000)
  t.equal(await file.read(), 'bytes')
})

scenario('PUNCH_HOLE makes zeros and keeps the size', async (t, drive) => {
  const file = await opened(drive, 'bytes')
  await file.allocate(punchHole | keepSize, 1, 2)
  await file.allocate(punchHole | keepSize, 4, 100)
  t.equal(await file.read(), 'b\0\0e\0')
  await t.rejects(file.allocate(punchHole, 0, 1), { code: 'EOPNOTSUPP' })
})

scenario('ZERO_RANGE makes zeros, and extends unless told not to', async (t, drive) => {
  const file = await opened(drive, 'bytes')
  await file.allocate(zeroRange | keepSize, 3, 10)
  t.equal(await file.read(), 'byt\0\0')
  await file.allocate(zeroRange, 1, 6)
  t.equal(await file.read(), 'b\0\0\0\0\0\0')
})

scenario('COLLAPSE_RANGE takes blocks out', async (t, drive) => {
  const file = await opened(drive, 'a'.repeat(block) + 'b'.repeat(block) + 'tail')
  await file.allocate(collapseRange, 0, block)
  t.equal(await file.read(), `${'b'.repeat(block)}tail`)
  await t.rejects(file.allocate(collapseRange, 0, 100), { code: 'EINVAL' })
  await t.rejects(file.allocate(collapseRange, 100, block), { code: 'EINVAL' })
  await t.rejects(file.allocate(collapseRange, 0, 2 * block), { code: 'EINVAL' }, 'to the end')
})

scenario('INSERT_RANGE puts a hole in', async (t, drive) => {
  const file = await opened(drive, 'a'.repeat(block) + 'tail')
  await file.allocate(insertRange, block, block)
  t.equal(await file.size(), 2 * block + 4)
  t.equal(await file.read(2 * block), 'tail')
  t.equal(await file.read(block, block), '\0'.repeat(block))
  await t.rejects(file.allocate(insertRange, 3 * block, block), { code: 'EINVAL' })
  await t.rejects(file.allocate(insertRange, 1, block), { code: 'EINVAL' })
})

scenario('wrong ranges, modes and handles', async (t, drive) => {
  const file = await opened(drive, 'bytes')
  await t.rejects(file.allocate(0, 0, 0), { code: 'EINVAL' })
  await t.rejects(file.allocate(0, -1, 5), { code: 'EINVAL' })
  await t.rejects(file.allocate(0x40, 0, 5), { code: 'EOPNOTSUPP' })
  await t.rejects(file.allocate(collapseRange | keepSize, 0, block), { code: 'EOPNOTSUPP' })
  const handle = await drive.open(file.id, O.RDONLY)
  const call = async () => drive.fs.fallocate(file.id, handle, 0, 0, 5, root)
  await t.rejects(call(), { code: 'EBADF' })
})

scenario('more than the drive has room for is refused, as far as df knows', async (t, drive) => {
  const file = await opened(drive, 'bytes')
  const { freeBlocks, blockBytes } = await drive.fs.statfs(1)
  const more = (freeBlocks + 1) * blockBytes
  for (const mode of [0, keepSize, zeroRange, zeroRange | keepSize]) {
    await t.rejects(file.allocate(mode, 0, more), { code: 'ENOSPC' })
  }
  t.equal(await file.size(), 5)
  await file.allocate(punchHole | keepSize, 0, more)
  await file.allocate(keepSize, more, 1)
})
