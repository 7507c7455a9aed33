import { test } from 'tap'
import { fingerprintOfHash } from '../../src/cache/pinned-pieces.ts'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'
import { clock, countHits, keep, openCache, piece, type TestPiece } from './scratch-cache.ts'

const small = { diskBytes: 200_000, slabBytes: 10_000, owner: 'one' }

function range(from: number, to: number): TestPiece[] {
  return Array.from({ length: to - from }, (_, index) => piece(from + index))
}

function wanted(pieces: readonly TestPiece[]): Set<number> {
  return new Set(pieces.map(({ ref }) => fingerprintOfHash(ref.hash)))
}

test('what is wanted stays, whatever comes, and counts', async (t) => {
  const cache = await openCache(new SimulatedDisk(), small)
  const pinned = range(0, 100)
  cache.pinned.want(wanted(pinned))
  await keep(cache, pinned)
  await keep(cache, range(1000, 3000))
  t.equal(countHits(cache, pinned), 100)
  t.ok(cache.pinned.bytes >= 100_000)
  t.ok(cache.stats.diskBytes <= 214_000, `${cache.stats.diskBytes} bytes`)
})

test('a start finds it again, and another owner does not touch it', async (t) => {
  const disk = new SimulatedDisk()
  const first = await openCache(disk, small)
  const pinned = range(0, 50)
  first.pinned.want(wanted(pinned))
  await keep(first, pinned)
  await first.close()

  const other = await openCache(disk, { ...small, owner: 'two' })
  t.ok(other.pinned.otherBytes >= 50_000, 'it counts for all')
  await other.pinned.sweep()
  await keep(other, range(1000, 2000))
  await other.close()
  const again = await openCache(disk, small)
  t.equal(countHits(again, pinned), 50)
})

test('what is no longer wanted goes with the next sweep, the rest of its slab stays', async (t) => {
  const cache = await openCache(new SimulatedDisk(), small)
  const pinned = range(0, 60)
  cache.pinned.want(wanted(pinned))
  await keep(cache, pinned)
  const rest = pinned.filter((_, index) => index % 5 === 0)
  cache.pinned.want(wanted(rest))
  await cache.pinned.sweep()
  t.equal(countHits(cache, rest), rest.length)
  t.ok(cache.pinned.bytes < 30_000, `${cache.pinned.bytes} bytes`)
  cache.pinned.want(new Set())
  await cache.pinned.sweep()
  t.equal(cache.pinned.bytes, 0)
})

test('a damaged copy is dropped, and can be put there again', async (t) => {
  const disk = new SimulatedDisk()
  const [one] = range(0, 1)
  const first = await openCache(disk, small)
  first.pinned.want(wanted([one!]))
  await keep(first, [one!])
  await first.close()
  const files = disk.files
  for (const [path, bytes] of files) {
    if (path.includes('pinned/')) bytes.writeUInt8(bytes.readUInt8(500) ^ 1, 500)
  }
  const again = await openCache(new SimulatedDisk(files), small)
  again.pinned.want(wanted([one!]))
  t.ok(again.pinned.has(one!.ref))
  t.equal(again.stored(one!.ref), undefined)
  t.notOk(again.pinned.has(one!.ref))
  await keep(again, [one!])
  t.equal(countHits(again, [one!]), 1)
})

test('files that were deleted by hand are missed, and made again', async (t) => {
  const disk = new SimulatedDisk()
  const cache = await openCache(disk, small)
  const pinned = range(0, 30)
  cache.pinned.want(wanted(pinned))
  await keep(cache, pinned)
  for (const path of disk.files.keys()) disk.remove(path)
  clock.time += 10_000
  await cache.look()
  t.equal(countHits(cache, pinned), 0)
  await keep(cache, pinned)
  t.equal(countHits(cache, pinned), 30)
})

test('nothing is pinned into what is to stay free on the disk', async (t) => {
  const disk = new SimulatedDisk()
  disk.capacity = 100_000
  const cache = await openCache(disk, { ...small, reserveBytes: 60_000 })
  const pinned = range(0, 100)
  cache.pinned.want(wanted(pinned))
  await keep(cache, pinned)
  t.ok(cache.pinned.bytes < 45_000, `${cache.pinned.bytes} bytes`)
  t.ok(cache.pinned.bytes > 30_000)
})
