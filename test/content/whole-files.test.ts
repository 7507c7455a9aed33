import { test } from 'tap'
import { WholeFiles } from '../../src/content/whole-files.ts'
import type { Inode } from '../../src/tree/inode.ts'
import { noise, ScratchDrive, type TestInode } from './scratch-drive.ts'

const pieceBytes = 2000

async function open(options: Parameters<typeof ScratchDrive.open>[0] = {}) {
  const drive = await ScratchDrive.open(options)
  const { cache, codec, disk, log } = drive
  const makeRoom = () => cache.makeRoom()
  const parts = { shelf: cache.whole, cache, codec, disk, makeRoom, log, minBytes: 1000 }
  return { drive, whole: new WholeFiles(parts) }
}

const asInode = (file: TestInode): Inode => file as unknown as Inode

/** Reads all of a file, then opens and closes it. */
async function use(drive: ScratchDrive, whole: WholeFiles, file: TestInode): Promise<void> {
  await drive.read(file, 0, file.size)
  whole.closed(asInode(file))
  await whole.idle()
}

function bytesOf(drive: ScratchDrive, whole: WholeFiles, file: TestInode): Buffer | undefined {
  const opened = whole.open(asInode(file))
  if (!opened) return undefined
  const bytes = Buffer.alloc(drive.disk.size(opened.descriptor))
  drive.disk.read(opened.descriptor, bytes, 0)
  opened.release()
  return bytes
}

test('a file is laid out at its second close, byte for byte', async (t) => {
  const { drive, whole } = await open()
  const compressible = Buffer.from('compressible '.repeat(200))
  const refs = drive.pack([noise(pieceBytes, 1), compressible])
  const file = drive.file(refs)
  const start = file.size + 3000
  // A hole, part of a piece, bytes in the tree, and a hole at the end.
  file.extents.put(start, start + 500, { kind: 'piece', piece: refs[0]!, at: 700 })
  const bytes = Buffer.from('..inline')
  file.extents.put(start + 500, start + 506, { kind: 'inline', bytes, at: 2 })
  file.size = start + 1000
  const expected = await drive.read(file, 0, file.size)
  whole.closed(asInode(file))
  await whole.idle()
  t.equal(bytesOf(drive, whole, file), undefined)
  await use(drive, whole, file)
  t.same(bytesOf(drive, whole, file), expected)
  t.equal(drive.disk.openDescriptors, drive.cache.stats.diskBytes > 0 ? 1 : 0, 'only the slab')
})

test('another content is another file', async (t) => {
  const { drive, whole } = await open()
  const [a, b] = drive.pack([noise(pieceBytes, 1), noise(pieceBytes, 2)])
  const file = drive.file([a!])
  for (let i = 0; i < 2; i++) await use(drive, whole, file)
  const first = bytesOf(drive, whole, file)
  t.same(first, noise(pieceBytes, 1))
  for (const [what, changed] of [
    ['another piece', drive.file([b!])],
    ['longer by a hole', Object.assign(drive.file([a!]), { size: pieceBytes + 1 })],
    ['shorter', Object.assign(drive.file([a!]), { size: pieceBytes - 1 })],
  ] as const) {
    t.equal(bytesOf(drive, whole, changed), undefined, what)
  }
  t.same(bytesOf(drive, whole, drive.file([a!])), first, 'the same pieces elsewhere are the same')
})

test('sealed, written and small files are not laid out', async (t) => {
  const sealed = await open({ key: Buffer.alloc(32, 5) })
  const plain = await open()
  const file = sealed.drive.file(sealed.drive.pack([noise(pieceBytes, 1)]))
  const small = plain.drive.file(plain.drive.pack([noise(999, 1)]))
  const written = plain.drive.file(plain.drive.pack([noise(pieceBytes, 1)]))
  plain.drive.write(written, 0, Buffer.from('x'))
  for (let i = 0; i < 3; i++) {
    await use(sealed.drive, sealed.whole, file)
    for (const one of [small, written]) await use(plain.drive, plain.whole, one)
  }
  for (const { drive } of [sealed, plain]) t.equal(drive.cache.whole.bytes, 0)
})

test('what is not all in the cache is not fetched for it', async (t) => {
  const { drive, whole } = await open()
  const refs = drive.pack([noise(pieceBytes, 1), noise(pieceBytes, 2)])
  const file = drive.file(refs)
  await drive.read(file, 0, pieceBytes)
  for (let i = 0; i < 3; i++) whole.closed(asInode(file))
  await whole.idle()
  t.equal(drive.store.reads.length, 1)
  t.equal(drive.cache.whole.bytes, 0)
})

test('a piece that is damaged on the disk makes no file', async (t) => {
  const { drive, whole } = await open({ cacheOptions: { memoryBytes: 0 } })
  const file = drive.file(drive.pack([noise(pieceBytes, 1), noise(pieceBytes, 2)]))
  await use(drive, whole, file)
  await drive.cache.idle()
  t.same(await drive.read(file, 0, file.size), await drive.read(file, 0, file.size))
  const [slab] = [...drive.disk.files.keys()].filter((path) => path.includes('pieces'))
  const descriptor = drive.disk.open(slab!, 'write')
  drive.disk.write(descriptor, Buffer.from('damage'), 1000)
  drive.disk.close(descriptor)
  // The cache itself has checked the piece once and does not again.
  t.notSame(
    await drive.read(file, 0, file.size),
    Buffer.concat([noise(pieceBytes, 1), noise(pieceBytes, 2)]),
  )
  whole.closed(asInode(file))
  await whole.idle()
  t.equal(drive.cache.whole.bytes, 0)
  t.equal(whole.open(asInode(file)), undefined)
})

test('after the stop nothing is given or begun', async (t) => {
  const { drive, whole } = await open()
  const file = drive.file(drive.pack([noise(pieceBytes, 1)]))
  for (let i = 0; i < 2; i++) await use(drive, whole, file)
  t.ok(bytesOf(drive, whole, file))
  await whole.stop()
  t.equal(whole.open(asInode(file)), undefined)
  await drive.cache.close()
  t.equal([...drive.disk.files.keys()].filter((path) => path.includes('whole')).length, 0)
})
