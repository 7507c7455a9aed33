import { test } from 'tap'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'
import type { MemoryOverDiskCache } from '../../src/cache/memory-over-disk-cache.ts'
import { type CacheOptions } from '../../src/cache/memory-over-disk-cache.ts'
import { clock, openCache, piece, type TestPiece } from './scratch-cache.ts'

/** A hundred megabytes, a gigabyte of disk, ten gigabytes, all ten thousand times smaller. */
const pieceBytes = 1000
const hotPieces = 10
const diskBytes = 100_000
const scannedPieces = 1000

/** Reads a piece as files are read: in steps, from memory, else from the disk, else from the network. True when the cache had it. */
function read(cache: MemoryOverDiskCache, { ref, bytes }: TestPiece): boolean {
  let had = true
  for (let step = 0; step < 8; step++) {
    if (cache.plain(ref)) continue
    const stored = cache.stored(ref)
    if (!stored) {
      had = false
      cache.keepStored(ref, bytes)
    }
    cache.keepPlain(ref, bytes)
  }
  return had
}

async function readAll(cache: MemoryOverDiskCache, from: number, count: number): Promise<number> {
  let hits = 0
  for (let number = from; number < from + count; number++) {
    if (read(cache, piece(number, pieceBytes))) hits++
    clock.time++
    if (number % 5 === 0) await cache.idle()
  }
  await cache.idle()
  return hits
}

async function hotAfterScan(uses: number, options: CacheOptions): Promise<number> {
  const cache = await openCache(new SimulatedDisk(), { diskBytes, slabBytes: 5000, ...options })
  for (let use = 0; use < uses; use++) await readAll(cache, 0, hotPieces)
  await readAll(cache, 1000, scannedPieces)
  return readAll(cache, 0, hotPieces)
}

test('a scan of ten times the disk cache leaves a hot set of a tenth of it', async (t) => {
  t.equal(await hotAfterScan(3, { memoryBytes: 0 }), hotPieces, 'used on the disk')
  t.equal(await hotAfterScan(3, { memoryBytes: 4000 }), hotPieces, 'more than the memory')
  t.equal(await hotAfterScan(3, { memoryBytes: 13_000 }), hotPieces, 'used in memory only')
})

test('what was read once only goes with the scan', async (t) => {
  t.equal(await hotAfterScan(1, { memoryBytes: 0 }), 0)
})
