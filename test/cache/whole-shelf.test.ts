import { test } from 'tap'
import { WholeShelf, type WholeShelfParts } from '../../src/cache/whole-shelf.ts'
import { writeAll } from '../../src/runtime/disk.ts'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'
import { clock, countHits, keep, openCache, piece } from './scratch-cache.ts'

const nothing = async (): Promise<void> => {}

function openShelf(disk: SimulatedDisk, parts: Partial<WholeShelfParts> = {}): WholeShelf {
  const shelf = new WholeShelf({ disk, clock, directory: '/whole', maxBytes: 4000, ...parts })
  shelf.refresh()
  return shelf
}

/** A key is 43 characters. */
const key = (number: number): string => String(number).padStart(43, 'k')

/** Lays out a file of `bytes` times its number. */
function put(shelf: WholeShelf, disk: SimulatedDisk, number: number, bytes = 1000) {
  const evict = async () => {
    for (let file = shelf.oldest(); shelf.excess > 0 && file; file = shelf.oldest()) {
      shelf.remove(file)
    }
  }
  clock.time++
  return shelf.write(key(number), { length: bytes, bytes }, evict, async (file) => {
    writeAll(disk, file, Buffer.alloc(bytes, number), 0)
    return true
  })
}

function read(shelf: WholeShelf, disk: SimulatedDisk, number: number): Buffer | undefined {
  const file = shelf.open(key(number))
  if (!file) return undefined
  const bytes = Buffer.alloc(disk.size(file.descriptor))
  disk.read(file.descriptor, bytes, 0)
  file.release()
  return bytes
}

test('a file is there once it is complete', async (t) => {
  const disk = new SimulatedDisk()
  const shelf = openShelf(disk)
  const writing = shelf.write(key(1), { length: 9, bytes: 5 }, nothing, async (file) => {
    t.equal(shelf.open(key(1)), undefined, 'not before')
    t.ok(shelf.has(key(1)), 'nobody else begins it')
    t.equal(shelf.bytes, 5, 'its bytes are taken already')
    writeAll(disk, file, Buffer.from('whole'), 2)
    return true
  })
  t.equal(await writing, true)
  t.same(read(shelf, disk, 1), Buffer.from('\0\0whole\0\0'))
  t.equal(await put(shelf, disk, 1), false, 'once')
  shelf.close()
  t.equal(disk.files.size, 0)
  t.equal(disk.openDescriptors, 0)
})

test('what is not all there, and what the disk does not take, leaves nothing', async (t) => {
  const disk = new SimulatedDisk()
  const shelf = openShelf(disk)
  const size = { length: 100, bytes: 100 }
  t.equal(await shelf.write(key(1), size, nothing, async () => false), false)
  for (const failing of ['open', 'truncate', 'datasync', 'rename', 'stamp'] as const) {
    disk.fault = (operation) => (operation === failing ? 'EIO' : undefined)
    await t.rejects(put(shelf, disk, 1), { code: 'EIO' }, failing)
    disk.fault = () => undefined
    t.equal(shelf.open(key(1)), undefined)
  }
  t.equal(shelf.bytes, 0)
  t.equal(disk.files.size, 0)
  t.equal(disk.openDescriptors, 0)
})

test('a file that somebody has changed, replaced or deleted is not used', async (t) => {
  const disk = new SimulatedDisk()
  const shelf = openShelf(disk)
  const path = () => [...disk.files.keys()][0]!
  await put(shelf, disk, 1)
  const descriptor = disk.open(path(), 'write')
  disk.write(descriptor, Buffer.from([0]), 500)
  disk.close(descriptor)
  t.equal(read(shelf, disk, 1), undefined, 'changed')
  t.equal(disk.files.size, 0, 'and gone')
  await put(shelf, disk, 1)
  disk.put(path(), Buffer.alloc(1000, 1))
  t.equal(read(shelf, disk, 1), undefined, 'replaced by the same bytes')
  await put(shelf, disk, 1)
  disk.remove(path())
  t.equal(read(shelf, disk, 1), undefined, 'deleted')
  t.equal(shelf.bytes, 0)
  t.equal(await put(shelf, disk, 1), true)
  t.same(read(shelf, disk, 1), Buffer.alloc(1000, 1))
})

test('what a killed process or a power loss has left is never used, and deleted', async (t) => {
  let disk = new SimulatedDisk()
  const shelf = openShelf(disk)
  await put(shelf, disk, 1)
  const torn = shelf.write(key(2), { length: 9, bytes: 9 }, nothing, () => new Promise(() => {}))
  t.ok(torn)
  await new Promise(setImmediate)
  t.equal(disk.files.size, 2)
  // As if it had been another process.
  const files = [...disk.files].map(
    ([path, bytes]) => [path.replace(`-${process.pid}-`, '-99999-'), bytes] as const,
  )
  disk = new SimulatedDisk(new Map(files))
  const living = openShelf(disk, { isAlive: () => true })
  t.equal(living.bytes, 1009, 'bytes of a process that lives count')
  t.equal(living.open(key(1)), undefined, 'and are its own')
  const next = openShelf(disk, { isAlive: () => false })
  t.equal(next.bytes, 0)
  t.equal(disk.files.size, 0)
  living.refresh()
  t.equal(living.bytes, 0)
})

test('an earlier process with our number is another one', async (t) => {
  const disk = new SimulatedDisk()
  const name = `0000000000001-${process.pid}-00000000-5-${key(1)}.whole`
  disk.put(`/whole/${name}`, Buffer.from('whole'))
  disk.put('/whole/something-else', Buffer.alloc(1))
  t.equal(openShelf(disk).bytes, 0)
  t.same([...disk.files.keys()], ['/whole/something-else'])
})

test('the least recently used goes, none that is in use, and the limit holds', async (t) => {
  const disk = new SimulatedDisk()
  const shelf = openShelf(disk)
  for (const number of [1, 2, 3, 4]) t.equal(await put(shelf, disk, number), true)
  const used = shelf.open(key(2))!
  clock.time++
  t.ok(read(shelf, disk, 1))
  t.equal(await put(shelf, disk, 5), true)
  t.equal(await put(shelf, disk, 6), true)
  t.same(
    [1, 2, 3, 4, 5, 6].map((number) => shelf.has(key(number))),
    [true, true, false, false, true, true],
  )
  t.equal(await put(shelf, disk, 7, 1001), false, 'more than a quarter')
  const all = [1, 5, 6].map((number) => shelf.open(key(number))!)
  t.equal(await put(shelf, disk, 7), false, 'no room while all are read')
  t.equal(shelf.bytes, 4000)
  for (const file of [...all, used]) file.release()
  used.release()
  t.equal(disk.openDescriptors, 0, 'released once')
  t.equal(await put(shelf, disk, 7), true)
})

test('whole files and pieces share the limit of the cache, and both find room', async (t) => {
  const disk = new SimulatedDisk()
  const cache = await openCache(disk, { diskBytes: 100_000, slabBytes: 5000 })
  const used = () => [...disk.files.values()].reduce((sum, bytes) => sum + bytes.length, 0)
  const pieces = Array.from({ length: 150 }, (_, number) => piece(number))
  await keep(cache, pieces)
  t.ok(used() > 90_000)
  for (let number = 0; number < 10; number++) {
    clock.time++
    const size = { length: 10_000, bytes: 10_000 }
    const written = cache.whole.write(
      key(number),
      size,
      () => cache.makeRoom(),
      async (file) => {
        t.ok(cache.stats.diskBytes <= 105_000, `${cache.stats.diskBytes} bytes`)
        writeAll(disk, file, Buffer.alloc(10_000, number), 0)
        return true
      },
    )
    t.equal(await written, true)
  }
  t.equal(cache.whole.bytes, 50_000, 'half of it')
  t.ok(countHits(cache, pieces) > 30, 'the rest is the pieces’')
  t.ok(used() <= 105_000, `${used()} bytes`)
  await keep(
    cache,
    Array.from({ length: 150 }, (_, number) => piece(1000 + number)),
  )
  t.equal(cache.whole.bytes, 50_000, 'pieces do not drive them out')
  await cache.close()
  t.equal([...disk.files.keys()].filter((path) => path.includes('whole')).length, 0)
  t.equal(disk.openDescriptors, 0)
})

test('on a full disk whole files go first', async (t) => {
  const disk = new SimulatedDisk()
  const cache = await openCache(disk, { diskBytes: 100_000, slabBytes: 5000, reserveBytes: 1000 })
  const pieces = Array.from({ length: 10 }, (_, number) => piece(number))
  await keep(cache, pieces)
  const size = { length: 10_000, bytes: 10_000 }
  await cache.whole.write(key(1), size, nothing, async () => true)
  t.equal(cache.whole.bytes, 10_000)
  disk.capacity = 21_000
  await cache.makeRoom()
  t.equal(cache.whole.bytes, 0)
  t.equal(countHits(cache, pieces), 10)
})
