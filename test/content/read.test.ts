import fc from 'fast-check'
import { test } from 'tap'
import { PieceCodingError } from '../../src/crypto/piece-codec.ts'
import { StoreError } from '../../src/store/blob-store.ts'
import type { BlobId } from '../../src/terms/blob-id.ts'
import { pieceHashOf } from '../../src/terms/piece-hash.ts'
import { noise, ScratchDrive, TestInode, turns } from './scratch-drive.ts'

test('holes and the end of the file: zeros, and no more than the size', async (t) => {
  const drive = await ScratchDrive.open()
  const inode = new TestInode()
  inode.size = 100
  t.same(drive.readNow(inode, 0, 50), Buffer.alloc(50))
  t.same(drive.readNow(inode, 90, 50), Buffer.alloc(10))
  t.same(drive.readNow(inode, 100, 50), Buffer.alloc(0))
  t.same(drive.readNow(inode, 1000, 50), Buffer.alloc(0))
  drive.write(inode, 40, Buffer.from('middle'))
  const expected = Buffer.alloc(100)
  expected.write('middle', 40)
  t.same(drive.readNow(inode, 0, 100), expected)
})

test('a read goes to the network once, to the disk after the memory is lost, and to memory else', async (t) => {
  const drive = await ScratchDrive.open()
  const bytes = noise(300_000, 1)
  const inode = drive.file(drive.pack([bytes.subarray(0, 200_000), bytes.subarray(200_000)]))
  const first = drive.readNow(inode, 199_000, 2000)
  t.ok(first instanceof Promise)
  t.same(await first, bytes.subarray(199_000, 201_000))
  t.equal(drive.store.reads.length, 1, 'neighbours in one read')
  t.same(drive.readNow(inode, 0, 300_000), bytes)
  await drive.cache.idle()
  t.match(drive.cache.stats, { misses: 2, diskHits: 0 })
  const second = await ScratchDrive.open({
    cacheOptions: { disk: drive.disk },
  })
  t.same(second.readNow(inode, 0, 300_000), bytes)
  t.match(second.cache.stats, { diskHits: 2, misses: 0 })
  t.match(drive.content.stats, { fetches: 1, fetchedPieces: 2, fetchedBytes: 300_000 })
})

test('sealed and compressed pieces come back plain, and lie sealed in the cache', async (t) => {
  const drive = await ScratchDrive.open({ key: Buffer.alloc(32, 5) })
  const bytes = Buffer.from('compressible '.repeat(10_000))
  const inode = drive.file(drive.pack([bytes]))
  t.same(await drive.read(inode, 0, bytes.length), bytes)
  await drive.cache.idle()
  for (const [path, contents] of drive.disk.files) {
    t.notOk(contents.includes('compressible'), path)
  }
})

test('many readers of one piece share one flight', async (t) => {
  const drive = await ScratchDrive.open()
  const bytes = noise(1000, 2)
  const inode = drive.file(drive.pack([bytes]))
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => drive.read(inode, index, 10)),
  )
  t.equal(drive.store.reads.length, 1)
  for (const [index, answer] of answers.entries()) t.same(answer, bytes.subarray(index, index + 10))
})

test('what is staged is read as it was at the call, although the rest comes later', async (t) => {
  const drive = await ScratchDrive.open()
  const bytes = noise(1000, 3)
  const inode = drive.file(drive.pack([bytes]))
  drive.write(inode, 0, Buffer.from('before'))
  const answer = drive.readNow(inode, 0, 1000)
  drive.write(inode, 0, Buffer.from('after!'))
  t.equal((await answer).toString('latin1', 0, 6), 'before')
  t.equal((await drive.read(inode, 0, 6)).toString(), 'after!')
})

test('a piece that comes wrong is read once more; wrong twice is EIO, named by its blob', async (t) => {
  const drive = await ScratchDrive.open()
  const bytes = noise(5000, 4)
  const refs = drive.pack([bytes.subarray(0, 3000), bytes.subarray(3000)])
  const inode = drive.file(refs)
  drive.store.held = true
  const once = drive.readNow(inode, 0, 5000)
  const wrong = Buffer.from(bytes)
  wrong[10]! ^= 1
  drive.store.reads[0]!.answer(wrong)
  await turns(2)
  t.match(drive.store.reads[1], { offset: 0, length: 3000 }, 'only the wrong one')
  drive.store.reads[1]!.answer()
  t.same(await once, bytes)
  t.equal(drive.content.stats.damagedPieces, 1)

  const other = drive.file(drive.pack([noise(100, 5)]))
  const twice = drive.readNow(other, 0, 100)
  drive.store.reads[2]!.answer(noise(100, 6))
  await turns(2)
  drive.store.reads[3]!.answer(noise(100, 7))
  await t.rejects(twice as Promise<Buffer>, { code: 'EIO' })
  const [blob] = [...drive.store.packs.keys()].slice(-1)
  t.ok(drive.logged.some((line) => line.includes(' error ') && line.includes(blob!)))
  const third = drive.readNow(other, 0, 100)
  drive.store.reads[4]!.answer()
  t.same(await third, noise(100, 5), 'the failure is not remembered')
})

test('one corrupt place in a run does not cost the neighbours', async (t) => {
  const drive = await ScratchDrive.open()
  const refs = drive.pack([noise(100, 1), noise(100, 2), noise(100, 3)])
  const inode = drive.file(refs)
  drive.store.fault = ({ offset, length }) => {
    if (offset <= 150 && 150 < offset + length) throw new StoreError('corrupt', 'lost for ever')
  }
  const handle = {}
  drive.readAhead(handle, inode, 0, 10)
  drive.readAhead(handle, inode, 10, 10)
  await turns(20)
  t.same(drive.readNow(inode, 0, 100), noise(100, 1))
  t.same(drive.readNow(inode, 200, 100), noise(100, 3))
  await t.rejects(drive.read(inode, 100, 100), { code: 'EIO' })
})

test('errors of the store become errno', async (t) => {
  const drive = await ScratchDrive.open()
  const refs = drive.pack([noise(100, 1)])
  const missing = { ...refs[0]!, blob: 'A'.repeat(43) as BlobId, hash: pieceHashOf(noise(9, 9)) }
  await t.rejects(drive.read(drive.file([missing]), 0, 10), { code: 'EIO' })
  for (const code of ['corrupt', 'blocked', 'rejected'] as const) {
    drive.store.fault = () => {
      throw new StoreError(code, 'no')
    }
    await t.rejects(drive.read(drive.file(refs), 0, 10), { code: 'EIO' })
  }
  drive.store.fault = () => {
    throw new TypeError('a bug')
  }
  await t.rejects(drive.read(drive.file(refs), 0, 10), { code: 'EIO' })
})

test('an unreachable store is tried again until the deadline, then ETIMEDOUT', async (t) => {
  const drive = await ScratchDrive.open({ deadlineMs: 60_000 })
  const bytes = noise(100, 1)
  const inode = drive.file(drive.pack([bytes]))
  let down = true
  drive.store.fault = () => {
    if (down) throw new StoreError('unreachable', 'too few nodes')
  }
  const recovered = drive.readNow(inode, 0, 100) as Promise<Buffer>
  await turns(3)
  await drive.clock.pass(1000)
  t.ok(drive.store.reads.length >= 2)
  down = false
  await drive.clock.pass(5000)
  t.same(await recovered, bytes)

  down = true
  const other = drive.file(drive.pack([noise(100, 2)]))
  const late = t.rejects(drive.read(other, 0, 100), { code: 'ETIMEDOUT' })
  for (let second = 0; second <= 60; second++) await drive.clock.pass(1000)
  await late
  t.equal(drive.clock.sleepers, 0, 'nobody sleeps on')
})

test('who joins a read late has a deadline of their own', async (t) => {
  const drive = await ScratchDrive.open({ deadlineMs: 60_000 })
  const bytes = noise(100, 1)
  const inode = drive.file(drive.pack([bytes]))
  let down = true
  drive.store.fault = () => {
    if (down) throw new StoreError('unreachable', 'too few nodes')
  }
  const early = t.rejects(drive.read(inode, 0, 100), { code: 'ETIMEDOUT' })
  for (let second = 0; second < 59; second++) await drive.clock.pass(1000)
  const late = drive.readNow(inode, 0, 100) as Promise<Buffer>
  await drive.clock.pass(2000)
  await early
  down = false
  await drive.clock.pass(5000)
  t.same(await late, bytes)
})

test('a store that never answers and heeds no signal is given up at the deadline', async (t) => {
  const drive = await ScratchDrive.open({ deadlineMs: 1000 })
  const inode = drive.file(drive.pack([noise(100, 1)]))
  drive.store.read = () => new Promise(() => {})
  const late = t.rejects(drive.read(inode, 0, 100), { code: 'ETIMEDOUT' })
  await turns(2)
  await drive.clock.pass(1000)
  await late
})

test('an interrupted reader gets EINTR at once; others who wait get the bytes', async (t) => {
  const drive = await ScratchDrive.open()
  const bytes = noise(100, 1)
  const inode = drive.file(drive.pack([bytes]))
  drive.store.held = true
  const stop = new AbortController()
  const interrupted = drive.readNow(inode, 0, 100, stop.signal) as Promise<Buffer>
  const patient = drive.readNow(inode, 0, 100)
  stop.abort()
  await t.rejects(interrupted, { code: 'EINTR' })
  drive.store.reads[0]!.answer()
  t.same(await patient, bytes)
  const aborted = AbortSignal.abort()
  const other = drive.file(drive.pack([noise(100, 2)]))
  await t.rejects(drive.readNow(other, 0, 100, aborted) as Promise<Buffer>, { code: 'EINTR' })
})

test('extents that say more than their piece has are EIO, not wrong bytes', async (t) => {
  const drive = await ScratchDrive.open()
  const [piece] = drive.pack([noise(100, 1)])
  const inode = new TestInode()
  inode.size = 200
  inode.extents.put(0, 200, { kind: 'piece', piece: piece!, at: 0 })
  await t.rejects(drive.read(inode, 0, 200), { code: 'EIO' })
  t.throws(() => drive.readNow(inode, 0, 200), { code: 'EIO' })
  const inline = new TestInode()
  inline.size = 10
  inline.extents.put(0, 10, { kind: 'inline', bytes: Buffer.from('12345'), at: 0 })
  t.throws(() => drive.readNow(inline, 0, 10), { code: 'EIO' })
})

test('a wrong key is EIO and says so', async (t) => {
  const drive = await ScratchDrive.open({ key: Buffer.alloc(32, 1) })
  const [piece] = drive.pack([noise(100, 1)])
  const other = await ScratchDrive.open({ key: Buffer.alloc(32, 2), store: drive.store })
  const failed = other.read(other.file([piece!]), 0, 10)
  const error = await failed.then(
    () => undefined,
    (reason: Error) => reason,
  )
  t.match(error, { code: 'EIO' })
  t.ok(error?.cause instanceof PieceCodingError)
})

test('pieces for the tree come from the same layers', async (t) => {
  const drive = await ScratchDrive.open()
  const node = noise(2000, 7)
  const [ref] = drive.pack([node])
  t.same(Buffer.from(await drive.content.piece(ref!)), node)
  t.same(Buffer.from(drive.content.piece(ref!) as Uint8Array), node)
})

test('any mixture of pieces, writes and holes reads as an array of bytes says', async (t) => {
  const step = fc.record({
    do: fc.constantFrom('write', 'write', 'punch', 'truncate', 'piece', 'freeze', 'share', 'read'),
    at: fc.nat(3000),
    length: fc.integer({ min: 1, max: 1500 }),
  })
  const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    const drive = await ScratchDrive.open({ cacheOptions: { memoryBytes: 3000 } })
    const inode = new TestInode()
    let model = Buffer.alloc(0)
    const put = (at: number, bytes: Buffer): void => {
      if (at + bytes.length > model.length) {
        model = Buffer.concat([model, Buffer.alloc(at + bytes.length - model.length)])
      }
      bytes.copy(model, at)
    }
    for (const [index, { do: action, at, length }] of steps.entries()) {
      const bytes = noise(length, index + 1)
      if (action === 'write') {
        drive.write(inode, at, bytes)
        put(at, bytes)
      } else if (action === 'piece') {
        const [piece] = drive.pack([bytes])
        inode.extents.put(at, at + length, { kind: 'piece', piece: piece!, at: 0 })
        inode.size = Math.max(inode.size, at + length)
        put(at, bytes)
      } else if (action === 'punch') {
        inode.extents.clear(at, at + length)
        model.fill(0, Math.min(at, model.length), Math.min(at + length, model.length))
      } else if (action === 'truncate') {
        inode.extents.clear(at, Infinity)
        inode.size = at
        model = Buffer.concat([model.subarray(0, at), Buffer.alloc(Math.max(0, at - model.length))])
      } else if (action === 'freeze') drive.staging.seal()
      else if (action === 'share') {
        drive.content.share(inode as never, at, length)
      } else {
        const got = await drive.read(inode, at, length)
        if (!got.equals(model.subarray(at, at + length))) return false
      }
    }
    return (await drive.read(inode, 0, 10_000)).equals(model)
  })
  await t.resolves(fc.assert(property, { numRuns: 150 }))
})

test('a whole piece that lies plain on the disk goes from there into the reader’s buffer', async (t) => {
  const first = await ScratchDrive.open()
  const bytes = noise(100_000, 3)
  const inode = first.file(first.pack([bytes.subarray(0, 60_000), bytes.subarray(60_000)]))
  await first.read(inode, 0, bytes.length)
  await first.cache.idle()
  const { disk } = first
  const drive = await ScratchDrive.open({ cacheOptions: { disk } })
  t.same(drive.readNow(inode, 0, bytes.length), bytes)
  t.match(drive.cache.stats, { memoryBytes: 0, diskHits: 2 }, 'and is not kept in memory')
  t.same(drive.readNow(inode, 10, 100), bytes.subarray(10, 110))
  t.not(drive.cache.stats.memoryBytes, 0, 'a part of one is')
  t.same(drive.readNow(inode, 0, bytes.length), bytes)

  const [slab] = [...disk.files.keys()].filter((path) => path.includes('pieces'))
  const descriptor = disk.open(slab!, 'write')
  disk.write(descriptor, Buffer.from('damage'), 1000)
  disk.close(descriptor)
  const wary = await ScratchDrive.open({ cacheOptions: { disk } })
  for (const [blob, pack] of first.store.packs) wary.store.packs.set(blob, pack)
  t.same(
    await wary.read(inode, 0, bytes.length),
    bytes,
    'one that is damaged comes from the network',
  )
  t.match(wary.cache.stats, { damaged: 1 })
})

test('an unsealed piece is not believed on a sealed drive, wherever it lies', async (t) => {
  const plain = await ScratchDrive.open()
  const inode = plain.file(plain.pack([noise(5000, 4)]))
  await plain.read(inode, 0, 5000)
  await plain.cache.idle()
  const sealed = await ScratchDrive.open({
    key: Buffer.alloc(32, 5),
    cacheOptions: { disk: plain.disk },
  })
  t.throws(() => sealed.readNow(inode, 0, 5000), { code: 'EIO' })
})
