import { test } from 'tap'
import type { PieceRef } from '../../src/tree/piece-ref.ts'
import { noise, ScratchDrive, type TestInode, TestInode as Inode, turns } from './scratch-drive.ts'

const M = 1 << 20

/** A file with a piece of 1000 bytes at each MiB. */
function largeFile(
  drive: ScratchDrive,
  pieces: number,
  seed = 0,
): { inode: TestInode; refs: PieceRef[] } {
  const refs = drive.pack(Array.from({ length: pieces }, (_, at) => noise(1000, seed + at + 1)))
  const inode = new Inode()
  for (const [index, piece] of refs.entries()) {
    inode.extents.put(index * M, index * M + 1000, { kind: 'piece', piece, at: 0 })
  }
  inode.size = pieces * M
  return { inode, refs }
}

/** Pieces that were asked of the store, by their number in the file. */
function asked(drive: ScratchDrive, refs: readonly PieceRef[]): number[] {
  const numbers = drive.store.reads.flatMap(({ offset, length }) =>
    [...refs.entries()]
      .filter(([, ref]) => ref.offset >= offset && ref.offset < offset + length)
      .map(([index]) => index),
  )
  drive.store.reads.length = 0
  return numbers
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}

async function readOn(
  drive: ScratchDrive,
  inode: TestInode,
  handle: object,
  from: number,
  to: number,
  step: number,
): Promise<void> {
  for (let at = from; at < to; at += step) {
    drive.readAhead(handle, inode, at, step)
    await drive.read(inode, at, step)
    await turns(8)
  }
}

test('the window begins with 1 MiB after the second read and doubles while reading goes on', async (t) => {
  const drive = await ScratchDrive.open({ readAheadBytes: 8 * M, readAheadBudgetBytes: 1e9 })
  const { inode, refs } = largeFile(drive, 40)
  const handle = {}
  drive.readAhead(handle, inode, 0, M / 2)
  await turns(5)
  t.same(asked(drive, refs), [])
  drive.readAhead(handle, inode, M / 2, M / 2)
  await turns(5)
  t.same(asked(drive, refs), [1])
  drive.readAhead(handle, inode, M, M / 2)
  await turns(5)
  t.same(asked(drive, refs), [2, 3])
  drive.readAhead(handle, inode, 1.5 * M, M / 2)
  await turns(5)
  t.same(asked(drive, refs), [], 'more than half of the window is left')
  drive.readAhead(handle, inode, 2 * M, M / 2)
  await turns(5)
  t.same(asked(drive, refs), range(4, 7), 'half')
  let most = 0
  for (let at = 2.5 * M; at < 30 * M; at += M / 2) {
    drive.readAhead(handle, inode, at, M / 2)
    await turns(5)
    most = Math.max(most, ...asked(drive, refs).map((number) => number - at / M))
  }
  t.ok(most > 6 && most <= 8.5, `${most} MiB ahead at most`)
})

test('a sequential reader finds all but the beginning fetched, in reads of several pieces', async (t) => {
  const drive = await ScratchDrive.open({ readAheadBytes: 16 * M, readAheadBudgetBytes: 1e9 })
  const { inode } = largeFile(drive, 60)
  await readOn(drive, inode, {}, 0, 60 * M, M / 2)
  const { readAheadBytes, readAheadHitBytes, fetches, fetchedPieces } = drive.content.stats
  t.equal(fetchedPieces, 60, 'each once')
  t.equal(readAheadBytes, 59_000)
  t.equal(readAheadHitBytes, 59_000)
  t.ok(fetches < 30, `${fetches} store reads`)
})

test('what is cached or on its way is not fetched again', async (t) => {
  const drive = await ScratchDrive.open({ readAheadBytes: 4 * M })
  const { inode, refs } = largeFile(drive, 10)
  await drive.read(inode, 3 * M, 10)
  await drive.read(inode, 4 * M, 10)
  asked(drive, refs)
  drive.store.held = true
  const waiting = drive.readNow(inode, 2 * M, 10)
  await readAheadOnly(drive, inode, {}, [0, M / 2, M])
  const numbers = drive.store.reads.map(({ offset }) => offset)
  t.equal(new Set(numbers).size, numbers.length)
  t.same(new Set(asked(drive, refs)), new Set([1, 2]))
  void waiting
})

async function readAheadOnly(
  drive: ScratchDrive,
  inode: TestInode,
  handle: object,
  offsets: readonly number[],
): Promise<void> {
  for (const offset of offsets) drive.readAhead(handle, inode, offset, M / 2)
  await turns(5)
}

test('a seek ends the window; a new sequence begins small', async (t) => {
  const drive = await ScratchDrive.open({ readAheadBytes: 8 * M })
  const { inode, refs } = largeFile(drive, 100)
  const handle = {}
  await readAheadOnly(drive, inode, handle, [0, 0.5 * M, M, 1.5 * M, 2 * M, 2.5 * M])
  asked(drive, refs)
  await readAheadOnly(drive, inode, handle, [50 * M])
  t.same(asked(drive, refs), [])
  await readAheadOnly(drive, inode, handle, [50.5 * M])
  t.same(asked(drive, refs), [51])
})

test('random reads fetch nothing ahead', async (t) => {
  const drive = await ScratchDrive.open()
  const { inode, refs } = largeFile(drive, 50)
  await readAheadOnly(
    drive,
    inode,
    {},
    [7, 30, 2, 44, 21, 13, 9, 35].map((at) => at * M),
  )
  t.same(asked(drive, refs), [])
})

test('a file that is read backwards or in steps is fetched so', async (t) => {
  const drive = await ScratchDrive.open({ readAheadBytes: 4 * M })
  const { inode, refs } = largeFile(drive, 60)
  await readAheadOnly(
    drive,
    inode,
    {},
    [50, 49.5, 49, 48.5].map((at) => at * M),
  )
  const back = asked(drive, refs)
  t.ok(back.includes(48) && back.includes(47), back.join(' '))
  t.notOk(back.some((number) => number > 50))
  await readAheadOnly(
    drive,
    inode,
    {},
    [2, 12, 22].map((at) => at * M),
  )
  t.same(asked(drive, refs), [32, 42])
})

test('all readers share one budget', async (t) => {
  const drive = await ScratchDrive.open({ readAheadBytes: 32 * M, readAheadBudgetBytes: 20_500 })
  const files = [0, 1, 2, 3].map((file) => largeFile(drive, 100, 1000 * file))
  drive.store.held = true
  for (let at = 0; at < 30; at++) {
    for (const { inode } of files) drive.readAhead(inode, inode, at * M, M)
    await turns(1)
  }
  t.equal(drive.content.stats.readAheadBytes, 20_000, '20 pieces of 1000 bytes')
})

const sixReads = [0, 0.5 * M, M, 1.5 * M, 2 * M, 2.5 * M]

test('what is read goes back to the budget', async (t) => {
  const drive = await ScratchDrive.open({ readAheadBytes: 4 * M, readAheadBudgetBytes: 4000 })
  const { inode } = largeFile(drive, 40)
  await readOn(drive, inode, {}, 0, 40 * M, M)
  t.equal(drive.content.stats.readAheadHitBytes, 38_000, 'all but the first two')
})

test('what a closed handle had goes back to the budget', async (t) => {
  const drive = await ScratchDrive.open({ readAheadBytes: 8 * M, readAheadBudgetBytes: 4000 })
  const [one, two] = [largeFile(drive, 20), largeFile(drive, 20, 100)]
  await readAheadOnly(drive, one.inode, one, sixReads)
  await readAheadOnly(drive, two.inode, two, sixReads)
  t.equal(drive.content.stats.readAheadBytes, 4000)
  drive.content.forget(one)
  await readAheadOnly(drive, two.inode, two, [3 * M])
  t.ok(drive.content.stats.readAheadBytes > 4000)
})

test('what failed goes back to the budget', async (t) => {
  const drive = await ScratchDrive.open({ readAheadBytes: 8 * M, readAheadBudgetBytes: 4000 })
  const { inode } = largeFile(drive, 100)
  drive.store.packs.clear()
  for (let at = 0; at < 40; at++) {
    drive.readAhead(inode, inode, at * M, M)
    await turns(20)
  }
  t.ok(drive.content.stats.readAheadBytes > 20_000)
})

test('a reader that rests gives its part to others', async (t) => {
  const drive = await ScratchDrive.open({ readAheadBytes: 8 * M, readAheadBudgetBytes: 4000 })
  const resting = largeFile(drive, 20)
  await readAheadOnly(drive, resting.inode, resting, [0, 0.5 * M, M, 1.5 * M, 2 * M, 2.5 * M])
  t.equal(drive.content.stats.readAheadBytes, 4000)
  const other = largeFile(drive, 20, 100)
  await readAheadOnly(drive, other.inode, other, [0, 0.5 * M])
  t.equal(drive.content.stats.readAheadBytes, 4000)
  await drive.clock.pass(3000)
  await readAheadOnly(drive, other.inode, other, [M])
  t.ok(drive.content.stats.readAheadBytes > 4000)
})

test('a failure ahead is not the reader’s: he tries himself, in front of the queue', async (t) => {
  const drive = await ScratchDrive.open({
    readAheadBytes: 32 * M,
    parallelReads: 2,
    runBytes: 1000,
  })
  const { inode, refs } = largeFile(drive, 40)
  drive.store.held = true
  const handle = {}
  for (let at = 0; at < 12; at++) drive.readAhead(handle, inode, at * M, M)
  await turns(3)
  t.equal(drive.store.reads.length, 2, 'two at a time')
  const wanted = drive.readNow(inode, 10 * M, 10) as Promise<Buffer>
  await turns(3)
  drive.store.reads[0]!.answer()
  await turns(5)
  const third = drive.store.reads[2]!
  t.equal(third.offset, refs[10]!.offset, 'what is waited for comes first')
  third.fail(new Error('the read ahead fails'))
  await turns(8)
  const again = drive.store.reads[3]!
  t.equal(again.offset, refs[10]!.offset)
  again.answer()
  t.same(await wanted, noise(1000, 11).subarray(0, 10))
})

test('no read-ahead when it is switched off, and none of what is not in pieces', async (t) => {
  const off = await ScratchDrive.open({ readAheadBytes: 0 })
  const { inode, refs } = largeFile(off, 10)
  await readAheadOnly(off, inode, {}, [0, M / 2, M])
  t.same(asked(off, refs), [])
  const drive = await ScratchDrive.open()
  const staged = new Inode()
  drive.write(staged, 0, Buffer.alloc(3 * M))
  await readAheadOnly(drive, staged, {}, [0, M / 2, M])
  t.equal(drive.store.reads.length, 0)
})

test('what lies on the disk is fetched from nowhere, but the disk is told that it is wanted', async (t) => {
  const first = await ScratchDrive.open()
  const bytes = noise(40 * 4096, 9)
  const parts = Array.from({ length: 40 }, (_, i) => bytes.subarray(i * 4096, (i + 1) * 4096))
  const refs = first.pack(parts)
  const inode = first.file(refs)
  await first.read(inode, 0, bytes.length)
  await first.cache.idle()
  const drive = await ScratchDrive.open({ cacheOptions: { disk: first.disk } })
  for (let i = 0; i < 3; i++) {
    drive.readAhead(t, inode, i * 4096, 4096)
    drive.readNow(inode, i * 4096, 4096)
  }
  const told = first.disk.advised.map(({ position }) => position)
  t.equal(new Set(told).size, told.length, 'once each')
  t.equal(told.length, 38, 'all behind the second read')
  t.ok(first.disk.advised.every(({ path, bytes }) => path.includes('pieces') && bytes === 4096))
  t.equal(drive.store.reads.length, 0)
  drive.readNow(inode, 3 * 4096, 10)
  drive.cache.willNeed(refs[3]!)
  t.equal(first.disk.advised.length, 38, 'nor of what is in memory')
})
