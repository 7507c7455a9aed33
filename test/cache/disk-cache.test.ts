import { test } from 'tap'
import { chances } from '../runtime/chances.ts'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'
import { clock, countHits, keep, openCache, piece, turns } from './scratch-cache.ts'

const pieces = Array.from({ length: 50 }, (_, number) => piece(number, 100 + 40 * number))

test('gives back what was kept, at once and after a restart', async (t) => {
  const disk = new SimulatedDisk()
  const cache = await openCache(disk)
  t.equal(countHits(cache, pieces), 0)
  for (const { ref, bytes } of pieces) cache.keepStored(ref, bytes)
  t.equal(countHits(cache, pieces), 50, 'before anything is written')
  await cache.idle()
  t.equal(countHits(cache, pieces), 50)
  t.ok(pieces.every(({ ref }) => cache.has(ref)))
  await cache.close()
  t.equal(disk.openDescriptors, 0)
  const again = await openCache(disk)
  t.equal(countHits(again, pieces), 50)
  t.match(again.stats, { diskHits: 50, misses: 0, damaged: 0 })
})

test('thousands of small pieces are few files', async (t) => {
  const disk = new SimulatedDisk()
  const cache = await openCache(disk)
  for (let number = 0; number < 3000; number++) {
    const { ref, bytes } = piece(number, 200)
    cache.keepStored(ref, bytes)
    if (number % 100 === 0) await cache.idle()
  }
  await cache.close()
  t.equal(disk.files.size, 1)
})

test('after a kill or a power loss it gives what is whole, and never wrong bytes', async (t) => {
  const disk = new SimulatedDisk()
  const cache = await openCache(disk)
  await keep(cache, pieces)
  t.equal(countHits(await openCache(disk.afterKill()), pieces), 50)
  let given = 0
  for (let seed = 1; seed <= 30; seed++) {
    const lost = await openCache(disk.afterPowerLoss(chances(seed)))
    given += countHits(lost, pieces)
    await keep(lost, pieces)
    if (countHits(lost, pieces) !== 50) t.fail('and takes them again')
  }
  t.ok(given > 0 && given < 1500, `${given} of 1500 were whole`)
})

test('a flipped byte anywhere costs at most pieces, is counted and never given', async (t) => {
  const few = pieces.slice(0, 3)
  const disk = new SimulatedDisk()
  const cache = await openCache(disk)
  await keep(cache, few)
  await cache.close()
  const [[path, bytes]] = [...disk.files] as [[string, Buffer]]
  let lost = 0
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes)
    flipped[at]! ^= 0x11
    const damaged = await openCache(new SimulatedDisk(new Map([[path, flipped]])))
    const hits = countHits(damaged, few)
    if (hits < 3) lost++
    // A second look finds the damaged copy gone.
    if (countHits(damaged, few) !== hits) t.fail(`byte ${at}`)
  }
  t.ok(lost > 300, `${lost} of ${bytes.length} flips cost something`)
})

test('files of strangers, empty ones and directories of nothing do no harm', async (t) => {
  const disk = new SimulatedDisk(
    new Map([
      ['/cache/pieces/fresh-0000001000000-1-aaa.slab', Buffer.alloc(0)],
      ['/cache/pieces/kept-0000001000000-1-bbb.slab', Buffer.alloc(5000, 0xff)],
      ['/cache/pieces/fresh-0000001000000-1-ccc.slab', Buffer.from('WFSSLAB\x01')],
      ['/cache/pieces/notes.txt', Buffer.from('mine')],
      ['/cache/packs/0000000000001-tooshort.pack', Buffer.from('no')],
      [`/cache/packs/0000000000001-${'_'.repeat(43)}.pack`, Buffer.from('no')],
    ]),
  )
  const cache = await openCache(disk)
  t.equal(countHits(cache, pieces), 0)
  await keep(cache, pieces)
  t.equal(countHits(cache, pieces), 50)
  t.ok(disk.files.has('/cache/pieces/notes.txt'))
})

test('it may be deleted while it runs: what is gone is missed, what comes is kept', async (t) => {
  const disk = new SimulatedDisk()
  const cache = await openCache(disk, { openFiles: 1 })
  await keep(cache, pieces.slice(0, 20))
  for (const path of disk.files.keys()) disk.remove(path)
  t.ok(countHits(cache, pieces) <= 20)
  await keep(cache, pieces.slice(20, 40))
  t.equal(countHits(cache, pieces.slice(20, 40)), 20)
  t.equal(disk.files.size, 1, 'in a new file')
  clock.time += 5000
  countHits(cache, pieces)
  await turns(10)
  t.equal(countHits(cache, pieces.slice(0, 20)), 0)
  t.ok(cache.stats.diskBytes < 40_000)
})

test('a directory that cannot be used is an empty cache', async (t) => {
  for (const code of ['EACCES', 'EROFS', 'EIO', 'ENOSPC']) {
    const disk = new SimulatedDisk()
    disk.fault = () => code
    const cache = await openCache(disk)
    await keep(cache, pieces.slice(0, 3))
    t.equal(countHits(cache, pieces), 0)
    await cache.close()
  }
})

test('a disk that cannot be read gives misses', async (t) => {
  const disk = new SimulatedDisk()
  const cache = await openCache(disk)
  await keep(cache, pieces)
  disk.fault = (operation) => (operation === 'read' ? 'EIO' : undefined)
  t.equal(countHits(cache, pieces), 0)
  disk.fault = () => undefined
  await keep(cache, pieces)
  t.equal(countHits(cache, pieces), 50)
})

test('two processes in one directory see what the other keeps', async (t) => {
  const disk = new SimulatedDisk()
  const one = await openCache(disk)
  const two = await openCache(disk)
  await keep(one, pieces.slice(0, 25))
  await keep(two, pieces.slice(25))
  clock.time += 5000
  countHits(one, pieces)
  countHits(two, pieces)
  await turns(30)
  t.equal(countHits(one, pieces), 50)
  t.equal(countHits(two, pieces), 50)
  await keep(one, [piece(1000)])
  clock.time += 5000
  countHits(two, [piece(1000)])
  await turns(30)
  t.equal(countHits(two, [piece(1000)]), 1, 'a file that grows is read on')
  t.equal(disk.files.size, 2)
})

test('a cache of no bytes writes nothing', async (t) => {
  const disk = new SimulatedDisk()
  const cache = await openCache(disk, { diskBytes: 0 })
  await keep(cache, pieces.slice(0, 3))
  t.equal(disk.files.size, 0)
})

test('another length for the same hash is not given', async (t) => {
  const cache = await openCache(new SimulatedDisk())
  const { ref, bytes } = piece(1)
  await keep(cache, [{ ref, bytes }])
  t.equal(cache.stored({ ...ref, storedLength: 999 }), undefined)
  t.ok(cache.stored(ref))
})

test('memory answers first, and says nothing to a reference of another plain length', async (t) => {
  const cache = await openCache(new SimulatedDisk(), { memoryBytes: 100_000 })
  const { ref, bytes } = piece(1)
  cache.keepPlain(ref, bytes)
  t.same(cache.plain(ref), bytes)
  t.equal(cache.plain({ ...ref, length: 7 }), undefined)
  t.ok(cache.has(ref))
  t.match(cache.stats, { memoryHits: 1 })
})
