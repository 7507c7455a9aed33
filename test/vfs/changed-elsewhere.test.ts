import { test } from 'tap'
import { nameFromText } from '../../src/terms/name.ts'
import type { Inode } from '../../src/tree/inode.ts'
import type { RebaseResult } from '../../src/tree/worktree-api.ts'
import type { Invalidations } from '../../src/vfs/invalidations.ts'
import { bob, Drive, O, root } from './drive.ts'

/** A drive with an open file `f`, which another machine then changes. */
async function changedWhileOpen() {
  const stale: Invalidations[] = []
  const drive = new Drive({ onStale: (told) => stale.push(told) })
  const { id, handle } = await drive.create('f')
  await drive.write(id, handle, 0, 'before')
  const inode = (await drive.worktree.lookup(drive.worktree.root, nameFromText('f')))!
  const told = drive.posix.invalidated(changed(drive, inode))
  return { drive, id, handle, inode, told, stale }
}

function changed(drive: Drive, inode: Inode): RebaseResult {
  const names = [{ directory: drive.worktree.root, name: nameFromText('f') }]
  return { inodes: [inode], names: [], changedFiles: [{ inode, names }], conflicts: [] }
}

const named = { parent: 1, name: 'f' }

test('a file that was changed elsewhere is met under a new number', async (t) => {
  const { drive, id, told } = await changedWhileOpen()
  t.same(told, { nodes: [id], names: [named] })
  const anew = await drive.lookup('f')
  t.not(anew.id, id)
  t.equal((await drive.lookup('f')).id, anew.id, 'and under that one from then on')
  t.equal((await drive.stat(id)).ino, anew.attributes.ino, 'programs see the same inode')
})

test('who has it open goes on with the old number', async (t) => {
  const { drive, id, handle } = await changedWhileOpen()
  await drive.write(id, handle, 6, ' and after')
  t.equal(await drive.read(id, handle), 'before and after')
  t.equal(await drive.bytes((await drive.lookup('f')).id), 'before and after')
  t.equal((await drive.set(id, { size: 3, handle })).size, 3)
  t.equal((await drive.lookup('f')).attributes.size, 3)
})

test('a second change elsewhere makes the numbers so far known', async (t) => {
  const { drive, id, inode } = await changedWhileOpen()
  const { id: second } = await drive.lookup('f')
  t.same(drive.posix.invalidated(changed(drive, inode)), { nodes: [id, second], names: [named] })
  t.notOk([id, second].includes((await drive.lookup('f')).id))
})

test('opening by an old number sends the kernel to the name first', async (t) => {
  const { drive, id } = await changedWhileOpen()
  await t.rejects(drive.open(id, O.RDONLY), { code: 'ESTALE' })
  t.ok(await drive.open(id, O.RDONLY), 'who comes again has a descriptor and no name')
  await drive.lookup('f')
  t.ok(await drive.open(id, O.RDONLY), 'always')
  await t.rejects(drive.open(id, O.RDONLY, bob), { code: 'ESTALE' }, 'that is so for each')
  t.ok(await drive.open((await drive.lookup('f')).id, O.RDONLY))
})

test('a write through an old number makes the kernel meet the file anew', async (t) => {
  const { drive, id, handle, stale } = await changedWhileOpen()
  await drive.write(id, handle, 6, '1')
  t.same(stale, [{ nodes: [], names: [] }], 'nobody had met it yet')
  const { id: second } = await drive.lookup('f')
  await drive.write(id, handle, 7, '2')
  t.same(stale.at(-1), { nodes: [second], names: [named] })
  t.not((await drive.lookup('f')).id, second)
})

test('a write through the new number makes pages of the old one stale', async (t) => {
  const { drive, id, stale } = await changedWhileOpen()
  const { id: anew } = await drive.lookup('f')
  const handle = await drive.open(anew)
  await drive.write(anew, handle, 0, 'x')
  await drive.fs.fallocate(anew, handle, 0, 0, 100, root)
  await drive.set(anew, { size: 0 })
  await drive.open(anew, O.RDWR | O.TRUNC)
  const told = { nodes: [id], names: [] }
  t.same(stale, [told, told, told, told])
  t.equal((await drive.lookup('f')).id, anew)
})

test('a renamed file is told by the name that it has', async (t) => {
  const { drive, id, handle, stale } = await changedWhileOpen()
  await drive.rename('f', 'g')
  await drive.lookup('g')
  await drive.write(id, handle, 0, 'x')
  t.same(stale.at(-1)?.names, [named, { parent: 1, name: 'g' }])
})

test('when all old numbers are forgotten it is a file like any other', async (t) => {
  const { drive, id, handle, stale } = await changedWhileOpen()
  const { id: anew } = await drive.lookup('f')
  await drive.fs.release(id, handle, undefined)
  drive.fs.forget(id, 1)
  await drive.write(anew, await drive.open(anew), 0, 'x')
  t.same(stale, [])
  await t.rejects(drive.stat(id), { code: 'ESTALE' })
  drive.fs.forget(anew, 2)
  t.equal(drive.posix.counts['knownInodes'], 1)
})
