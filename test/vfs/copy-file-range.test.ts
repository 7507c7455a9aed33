import { test } from 'tap'
import { Drive, O, root } from './drive.ts'
import { scenario } from './scenario.ts'

async function pair(drive: Drive) {
  const from = await drive.create('from')
  await drive.write(from.id, from.handle, 0, '0123456789')
  const to = await drive.create('to')
  const copy = async (fromOffset: number, offset: number, length: number) =>
    drive.fs.copyFileRange(from.id, from.handle, fromOffset, to.id, to.handle, offset, length, root)
  return { from, to, copy }
}

scenario('a range shows in both files, and each goes its own way', async (t, drive) => {
  const { from, to, copy } = await pair(drive)
  t.equal(await copy(2, 1, 5), 5)
  t.equal(await drive.read(to.id, to.handle), '\x0023456')
  await drive.write(from.id, from.handle, 2, 'XXXXX')
  t.equal(await drive.read(to.id, to.handle), '\x0023456')
  await drive.write(to.id, to.handle, 1, 'YYYYY')
  t.equal(await drive.read(from.id, from.handle), '01XXXXX789')
})

scenario('the copy ends where the file ends', async (t, drive) => {
  const { to, copy } = await pair(drive)
  t.equal(await copy(8, 0, 100), 2)
  t.equal(await copy(10, 0, 100), 0)
  t.equal((await drive.stat(to.id)).size, 2)
})

scenario('holes are copied as holes', async (t, drive) => {
  const { from, to, copy } = await pair(drive)
  await drive.write(to.id, to.handle, 0, 'xxxxxxxxxxxxxxxxxxxx')
  await drive.fs.fallocate(from.id, from.handle, 3, 2, 6, root)
  t.equal(await copy(0, 5, 10), 10)
  t.equal(await drive.read(to.id, to.handle), 'xxxxx01\0\0\0\0\0\x0089xxxxx')
})

scenario('within one file the ranges must not overlap', async (t, drive) => {
  const { from } = await pair(drive)
  const copy = async (fromOffset: number, offset: number, length: number) => {
    const { id, handle } = from
    return drive.fs.copyFileRange(id, handle, fromOffset, id, handle, offset, length, root)
  }
  await t.rejects(copy(0, 3, 5), { code: 'EINVAL' })
  await t.rejects(copy(3, 0, 5), { code: 'EINVAL' })
  t.equal(await copy(0, 5, 5), 5)
  t.equal(await drive.read(from.id, from.handle), '0123401234')
})

scenario('the target must be open for writing', async (t, drive) => {
  const { from, to } = await pair(drive)
  const handle = await drive.open(to.id, O.RDONLY)
  const copy = async () =>
    drive.fs.copyFileRange(from.id, from.handle, 0, to.id, handle, 0, 5, root)
  await t.rejects(copy(), { code: 'EBADF' })
})

scenario('from a file without a name the kernel must copy', async (t, drive) => {
  const { copy } = await pair(drive)
  await drive.unlink('from')
  await t.rejects(copy(0, 0, 5), { code: 'EOPNOTSUPP' })
})

test('no byte is written for a copy', async (t) => {
  const drive = new Drive()
  const { copy } = await pair(drive)
  const types: string[] = []
  drive.worktree.onChange = (change) => types.push(change.type)
  await copy(0, 0, 10)
  t.same(types, ['clone'])
})
