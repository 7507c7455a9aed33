import { test } from 'tap'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'
import { blobOf, clock, countHits, keep, openCache, piece, turns } from './scratch-cache.ts'

const small = { diskBytes: 200_000, slabBytes: 10_000 }

function range(from: number, to: number) {
  return Array.from({ length: to - from }, (_, index) => piece(from + index))
}

test('stays within its bytes, whatever comes', async (t) => {
  const disk = new SimulatedDisk()
  const cache = await openCache(disk, small)
  let most = 0
  for (let number = 0; number < 1000; number++) {
    await keep(cache, [piece(number, 100 + ((number * 37) % 3000))])
    if (number % 3 === 0) countHits(cache, range(Math.max(0, number - 50), number))
    most = Math.max(most, cache.stats.diskBytes)
    clock.time += 7
  }
  t.ok(most <= 200_000 + 14_000, `${most} bytes`)
  const used = [...disk.files.values()].reduce((sum, bytes) => sum + bytes.length, 0)
  t.equal(used, cache.stats.diskBytes, 'and knows them')
  t.ok(used > 150_000, 'and uses them')
})

test('a long scan leaves what is used', async (t) => {
  const cache = await openCache(new SimulatedDisk(), small)
  const hot = range(0, 60)
  await keep(cache, hot)
  t.equal(countHits(cache, hot), 60)
  for (let number = 1000; number < 4000; number++) {
    await keep(cache, [piece(number)])
    clock.time++
    if (number % 400 === 0) countHits(cache, hot)
  }
  t.ok(countHits(cache, hot) >= 57, `${countHits(cache, hot)} of 60`)
})

test('a scan costs what was never used, not what was used once long ago, first', async (t) => {
  const cache = await openCache(new SimulatedDisk(), small)
  const used = range(0, 60)
  const unused = range(100, 160)
  await keep(cache, [...used, ...unused])
  countHits(cache, used)
  for (let number = 1000; number < 1300; number++) {
    await keep(cache, [piece(number)])
    clock.time++
  }
  t.ok(countHits(cache, used) > 50)
  t.equal(countHits(cache, unused), 0)
})

test('what was dropped before it was used and comes again is kept longer', async (t) => {
  const cache = await openCache(new SimulatedDisk(), small)
  const slow = range(0, 40)
  await keep(cache, slow)
  await keep(cache, range(1000, 1400))
  t.equal(countHits(cache, slow), 0)
  await keep(cache, slow)
  await keep(cache, range(2000, 2400))
  t.ok(countHits(cache, slow) >= 36, `${countHits(cache, slow)} of 40`)
})

test('when the use changes, the old favourites go', async (t) => {
  const cache = await openCache(new SimulatedDisk(), small)
  const [old, young] = [range(0, 120), range(500, 620)]
  for (let round = 0; round < 4; round++) {
    await keep(cache, old)
    countHits(cache, old)
  }
  for (let round = 0; round < 12; round++) {
    await keep(cache, young)
    countHits(cache, young)
    await keep(cache, range(1000 + 100 * round, 1040 + 100 * round))
    clock.time++
  }
  t.ok(countHits(cache, young) > 100, `${countHits(cache, young)} of 120`)
})

test('a full disk makes it give up files, not fail', async (t) => {
  const disk = new SimulatedDisk()
  const cache = await openCache(disk, { slabBytes: 10_000 })
  await keep(cache, range(0, 100))
  disk.capacity = 103_000
  for (let number = 1000; number < 1100; number++) {
    await keep(cache, [piece(number)])
    clock.time += 20_000
  }
  t.ok(countHits(cache, range(1000, 1100)) > 40)
  await cache.close()
})

test('it leaves so much of the disk free, and gives back what others need', async (t) => {
  const disk = new SimulatedDisk()
  disk.capacity = 300_000
  const cache = await openCache(disk, { slabBytes: 10_000, reserveBytes: 100_000 })
  await keep(cache, range(0, 400))
  const free = disk.freeBytes('/')
  t.ok(free >= 85_000 && free <= 125_000, `${free} bytes are free`)
  disk.capacity = 200_000
  await keep(cache, range(1000, 1010))
  t.ok(disk.freeBytes('/') >= 85_000)
})

test('two processes keep one limit, and each goes on when the other deletes its files', async (t) => {
  const disk = new SimulatedDisk()
  const [one, two] = [await openCache(disk, small), await openCache(disk, small)]
  for (let number = 0; number < 600; number++) {
    await keep(number % 2 ? one : two, [piece(number)])
    clock.time += 100
    if (number % 20 === 0) {
      countHits(one, range(Math.max(0, number - 30), number))
      countHits(two, range(Math.max(0, number - 30), number))
      await turns(5)
    }
  }
  const used = [...disk.files.values()].reduce((sum, bytes) => sum + bytes.length, 0)
  t.ok(used < 260_000, `${used} bytes`)
  clock.time += 5000
  countHits(one, range(500, 600))
  await turns(30)
  const hits = countHits(one, range(500, 600))
  t.ok(hits > 25, `${hits} of the last 100`)
})

test('packs count, and are evicted as files with their used pieces kept', async (t) => {
  const disk = new SimulatedDisk()
  const cache = await openCache(disk, small)
  const parts = Array.from({ length: 50 }, (_, at) => piece(at, 1000, blobOf(1), at * 1000))
  disk.put('/state/pack', Buffer.concat(parts.map(({ bytes }) => bytes)))
  cache.adoptPack(blobOf(1), '/state/pack')
  const used = parts.slice(0, 10)
  for (let time = 0; time < 3; time++) t.equal(countHits(cache, used), 10)
  for (let number = 1000; number < 1400; number++) {
    await keep(cache, [piece(number)])
    clock.time++
  }
  t.notOk([...disk.files.keys()].some((path) => path.endsWith('.pack')))
  t.equal(countHits(cache, used), 10)
  t.equal(countHits(cache, parts.slice(20)), 0)
})
