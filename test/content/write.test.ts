import { test } from 'tap'
import { LayeredContent } from '../../src/content/layered-content.ts'
import type { Inode } from '../../src/tree/inode.ts'
import { noise, ScratchDrive, TestInode } from './scratch-drive.ts'

test('small writes one behind the other make one extent', async (t) => {
  const drive = await ScratchDrive.open()
  const inode = new TestInode()
  const bytes = noise(3 << 20, 1)
  for (let at = 0; at < bytes.length; at += 4096) {
    drive.write(inode, at, bytes.subarray(at, at + 4096))
  }
  t.equal(inode.extents.count, 3, 'one for each MiB')
  t.same(drive.readNow(inode, 0, bytes.length), bytes)
  t.equal(drive.staging.bytes, bytes.length, 'no byte is staged twice')
})

test('the same over an older file', async (t) => {
  const drive = await ScratchDrive.open()
  const inode = drive.file(drive.pack([noise(1 << 20, 1)]))
  const bytes = noise(1 << 20, 2)
  for (let at = 0; at < bytes.length; at += 4096) {
    drive.write(inode, at, bytes.subarray(at, at + 4096))
  }
  t.equal(inode.extents.count, 1)
  t.same(drive.readNow(inode, 0, bytes.length), bytes)
})

test('appends that the kernel hands down as growing pages stay one extent', async (t) => {
  const drive = await ScratchDrive.open()
  const inode = new TestInode()
  const bytes = noise(20_000, 1)
  for (let end = 100; end <= bytes.length; end += 100) {
    for (let page = Math.floor((end - 100) / 4096) * 4096; page < end; page += 4096) {
      drive.write(inode, page, bytes.subarray(page, Math.min(page + 4096, end)))
    }
  }
  t.equal(inode.extents.count, 1)
  t.equal(drive.staging.bytes, bytes.length)
  t.same(drive.readNow(inode, 0, bytes.length), bytes)
})

test('a recent range is overwritten in place, an older one is not', async (t) => {
  const drive = await ScratchDrive.open()
  const inode = new TestInode()
  t.equal(drive.write(inode, 0, Buffer.from('hello world')), 1)
  t.equal(drive.write(inode, 6, Buffer.from('WORLD')), 0)
  t.equal(drive.write(inode, 0, Buffer.from('HELLO WORLD')), 0)
  drive.staging.seal()
  const frozen = inode.extents.snapshot()
  t.equal(drive.write(inode, 0, Buffer.from('bye')), 1)
  t.equal(drive.readText(inode, 0, 20), 'byeLO WORLD')
  inode.extents = frozen
  t.equal(drive.readText(inode, 0, 20), 'HELLO WORLD', 'the frozen bytes are untouched')
})

test('a clone keeps its bytes when the original is written', async (t) => {
  const drive = await ScratchDrive.open()
  const inode = new TestInode()
  drive.write(inode, 0, Buffer.from('hello world'))
  const clone = new TestInode()
  drive.content.share(inode as unknown as Inode, 0, 5)
  for (const { start, end, source } of inode.extents.over(0, 5))
    clone.extents.put(start, end, source)
  clone.size = 5
  drive.write(inode, 0, Buffer.from('HELLO'))
  drive.write(inode, 11, Buffer.from('!'))
  t.equal(drive.readText(inode, 0, 20), 'HELLO world!')
  t.equal(drive.readText(clone, 0, 20), 'hello')
  drive.write(clone, 0, Buffer.from('other'))
  t.equal(drive.readText(inode, 0, 20), 'HELLO world!')
})

test('a slice cut short by a truncation does not grow back', async (t) => {
  const drive = await ScratchDrive.open()
  const inode = new TestInode()
  drive.write(inode, 0, Buffer.from('hello world'))
  inode.extents.clear(5, Infinity)
  inode.size = 5
  drive.write(inode, 5, Buffer.from('!'))
  t.equal(drive.readText(inode, 0, 20), 'hello!')
  inode.size = 12
  t.equal(drive.readText(inode, 0, 20), 'hello!\0\0\0\0\0\0')
})

test('two files written in turns do not mix', async (t) => {
  const drive = await ScratchDrive.open()
  const [one, two] = [new TestInode(), new TestInode()]
  for (let index = 0; index < 50; index++) {
    drive.write(one, index * 10, Buffer.from(`one ${String(index).padStart(5)}.`))
    drive.write(two, index * 10, Buffer.from(`two ${String(index).padStart(5)}.`))
  }
  const text = (name: string) =>
    Array.from({ length: 50 }, (_, index) => `${name} ${String(index).padStart(5)}.`).join('')
  t.equal(drive.readText(one, 0, 1000), text('one'))
  t.equal(drive.readText(two, 0, 1000), text('two'))
})

test('a write of nothing, and a read-only drive', async (t) => {
  const drive = await ScratchDrive.open()
  t.equal(drive.write(new TestInode(), 0, Buffer.alloc(0)), 0)
  const { store, codec, cache } = drive
  const content = new LayeredContent({ store, codec, cache })
  t.throws(() => content.write(new TestInode() as never, 0, Buffer.from('x')), { code: 'EROFS' })
  await content.sync()
})

test('a full disk is ENOSPC and leaves what was there', async (t) => {
  const drive = await ScratchDrive.open()
  const inode = new TestInode()
  drive.write(inode, 0, Buffer.from('hello'))
  drive.disk.fault = (operation) => (operation === 'write' ? 'ENOSPC' : undefined)
  t.throws(() => drive.write(inode, 5, Buffer.from(' world')), { code: 'ENOSPC' })
  t.throws(() => drive.write(inode, 3, Buffer.from('LO world')), { code: 'ENOSPC' })
  t.throws(() => drive.write(inode, 100, Buffer.from('x')), { code: 'ENOSPC' })
  t.equal(drive.readText(inode, 0, 20), 'hello')
})
