import fc from 'fast-check'
import { test } from 'tap'
import { nameFromBytes } from '../../src/terms/name.ts'
import { Drive, root } from './drive.ts'
import { scenario } from './scenario.ts'

const long = 'x'.repeat(255)

scenario('a name may have 255 bytes and no more', async (t, drive) => {
  await drive.file(long)
  t.same(await drive.names(), [long])
  t.ok(await drive.lookup(long))
  const calls: Record<string, () => Promise<unknown>> = {
    lookup: () => drive.lookup(`${long}x`),
    create: () => drive.create(`${long}x`),
    mkdir: () => drive.mkdir(`${long}x`),
    symlink: () => drive.symlink(`${long}x`, 'target'),
    rename: () => drive.rename(long, `${long}x`),
    link: async () => drive.link((await drive.lookup(long)).id, `${long}x`),
  }
  for (const [what, call] of Object.entries(calls)) {
    await t.rejects(call(), { code: 'ENAMETOOLONG' }, what)
  }
})

scenario('bytes count, not characters', async (t, drive) => {
  await drive.file('ä'.repeat(127))
  await t.rejects(drive.file('ä'.repeat(128)), { code: 'ENAMETOOLONG' })
})

test('any bytes but / and NUL make a name', async () => {
  const byte = fc.integer({ min: 1, max: 255 }).filter((value) => value !== 0x2f)
  const names = fc
    .uint8Array({ minLength: 1, maxLength: 255 })
    .chain((bytes) =>
      fc
        .array(byte, { minLength: bytes.length, maxLength: bytes.length })
        .map((all) => nameFromBytes(Uint8Array.from(all))),
    )
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      if (name === '.' || name === '..') return true
      const { fs, top } = new Drive()
      const { id } = await fs.mknod(top, name, 0o100644, 0, root)
      const again = await fs.lookup(top, name, root)
      return again?.id === id
    }),
  )
})

scenario('names that differ in form only are different names', async (t, drive) => {
  await drive.file('Ä')
  await drive.file('A\u0308')
  await drive.file('ä')
  t.equal((await drive.names()).length, 3)
})

scenario('. and .. are there already', async (t, drive) => {
  await t.rejects(drive.mkdir('.'), { code: 'EEXIST' })
  await t.rejects(drive.mkdir('..'), { code: 'EEXIST' })
  await t.rejects(drive.mkdir(''), { code: 'ENOENT' })
  await t.rejects(drive.mkdir('a/b'), { code: 'EINVAL' })
})

scenario('. and .. can be looked up', async (t, drive) => {
  const above = await drive.mkdir('above')
  const below = await drive.mkdir('below', above)
  t.equal((await drive.lookup('.', below)).id, below)
  t.equal((await drive.lookup('..', below)).id, above)
  t.equal((await drive.lookup('..', drive.top)).id, drive.top)
})

scenario('a name below a file is ENOTDIR', async (t, drive) => {
  const file = await drive.file('file')
  await t.rejects(drive.lookup('x', file), { code: 'ENOTDIR' })
  await t.rejects(drive.create('x', { parent: file }), { code: 'ENOTDIR' })
  await t.rejects(drive.unlink('x', file), { code: 'ENOTDIR' })
})

scenario('what is taken cannot be made again', async (t, drive) => {
  await drive.file('taken')
  await t.rejects(drive.mkdir('taken'), { code: 'EEXIST' })
  await t.rejects(drive.symlink('taken', 'x'), { code: 'EEXIST' })
  await t.rejects(drive.link((await drive.lookup('taken')).id, 'taken'), { code: 'EEXIST' })
})

scenario('an inode that the kernel has forgotten is stale', async (t, drive) => {
  const id = await drive.file('file')
  drive.fs.forget(id, 1)
  await t.rejects(drive.stat(id), { code: 'ESTALE' })
  const again = await drive.lookup('file')
  t.not(again.id, id, 'numbers are never given twice')
})

scenario('each lookup counts', async (t, drive) => {
  const id = await drive.file('file')
  await drive.lookup('file')
  drive.fs.forget(id, 1)
  t.ok(await drive.stat(id))
  drive.fs.forget(id, 1)
  await t.rejects(drive.stat(id), { code: 'ESTALE' })
  drive.fs.forget(drive.top, 1000)
  t.ok(await drive.stat(drive.top), 'the root stays')
})
