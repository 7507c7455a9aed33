import { test } from 'tap'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'
import { blobOf, clock, countHits, openCache, piece, turns } from './scratch-cache.ts'

const parts = Array.from({ length: 20 }, (_, at) => piece(at, 500, blobOf(3), at * 500))
const pack = Buffer.concat(parts.map(({ bytes }) => bytes))

function diskWithPack(): SimulatedDisk {
  return new SimulatedDisk(new Map([['/state/pack', pack]]))
}

test('a pack is moved in, and its pieces are found at once and after a restart', async (t) => {
  const disk = diskWithPack()
  const cache = await openCache(disk)
  cache.adoptPack(blobOf(3), '/state/pack')
  t.notOk(disk.files.has('/state/pack'))
  t.ok(cache.has(parts[0]!.ref))
  t.equal(countHits(cache, parts), 20)
  t.equal(cache.stats.diskBytes, pack.length)
  await cache.idle()
  await cache.close()
  t.equal(disk.openDescriptors, 0)
  t.equal(countHits(await openCache(disk), parts), 20)
})

test('another process finds it', async (t) => {
  const disk = diskWithPack()
  const [one, two] = [await openCache(disk), await openCache(disk)]
  one.adoptPack(blobOf(3), '/state/pack')
  clock.time += 5000
  countHits(two, parts)
  await turns(10)
  t.equal(countHits(two, parts), 20)
})

test('from another disk it is copied behind', async (t) => {
  const disk = diskWithPack()
  disk.fault = (operation, path) =>
    operation === 'rename' && path.startsWith('/state') ? 'EXDEV' : undefined
  const cache = await openCache(disk)
  cache.adoptPack(blobOf(3), '/state/pack')
  await turns(20)
  t.equal(countHits(cache, parts), 20)
  t.same(
    [...disk.files.keys()].filter((path) => !path.includes('/packs/')),
    [],
  )
  t.notOk([...disk.files.keys()].some((path) => path.endsWith('.new')))
})

test('what cannot be taken in is gone all the same', async (t) => {
  const disk = diskWithPack()
  disk.fault = (operation) => (operation === 'rename' ? 'EACCES' : undefined)
  const cache = await openCache(disk)
  cache.adoptPack(blobOf(3), '/state/pack')
  await turns(5)
  t.equal(disk.files.size, 0)
  t.equal(countHits(cache, parts), 0)
})

test('a second file of the same blob is not needed', async (t) => {
  const disk = diskWithPack()
  const cache = await openCache(disk)
  cache.adoptPack(blobOf(3), '/state/pack')
  disk.put('/state/again', pack)
  cache.adoptPack(blobOf(3), '/state/again')
  await turns(5)
  t.equal(disk.files.size, 1)
})

test('a damaged piece is not given, and the pack not asked again', async (t) => {
  const damaged = Buffer.from(pack)
  damaged[1700]! ^= 1
  const cache = await openCache(new SimulatedDisk(new Map([['/state/pack', damaged]])))
  cache.adoptPack(blobOf(3), '/state/pack')
  t.equal(countHits(cache, parts.slice(0, 3)), 3)
  t.equal(cache.stored(parts[3]!.ref), undefined)
  t.equal(countHits(cache, parts), 0)
  t.equal(cache.stats.damaged, 1)
})

test('a reference beyond the end of the pack is a miss', async (t) => {
  const cache = await openCache(diskWithPack())
  cache.adoptPack(blobOf(3), '/state/pack')
  const { ref } = parts[19]!
  t.equal(cache.stored({ ...ref, offset: pack.length - 10 }), undefined)
  t.equal(countHits(cache, parts), 20)
})

test('a cache that was deleted before takes it into a new directory', async (t) => {
  const disk = diskWithPack()
  let missing = true
  disk.fault = (operation) => {
    if (operation === 'makeDirectory') missing = false
    return operation === 'rename' && missing ? 'ENOENT' : undefined
  }
  const cache = await openCache(disk)
  missing = true
  cache.adoptPack(blobOf(3), '/state/pack')
  t.equal(countHits(cache, parts), 20)
})
