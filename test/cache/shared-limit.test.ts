import { test } from 'tap'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'
import { clock, countHits, keep, openCache, piece } from './scratch-cache.ts'

const small = { diskBytes: 200_000, slabBytes: 10_000 }

const own = (cache: number, number: number) =>
  piece(10_000 * cache + number, 100 + ((number * 37) % 1500))

test('two that fill one directory stay within its bytes together', async (t) => {
  const disk = new SimulatedDisk()
  const caches = [await openCache(disk, small), await openCache(disk, small)]
  const used = () => [...disk.files.values()].reduce((sum, bytes) => sum + bytes.length, 0)
  let most = 0
  for (let number = 0; number < 600; number++) {
    for (const [i, cache] of caches.entries()) {
      await keep(cache, [own(i, number)])
      if (number % 3 === 0) countHits(cache, [own(i, Math.max(0, number - 5))])
    }
    most = Math.max(most, used())
    // Far less than the time after which a look is taken anyway.
    if (number % 100 === 0) clock.time++
  }
  t.ok(most <= 200_000 + 4 * small.slabBytes, `${most} bytes`)
  t.ok(used() > 150_000, 'and use them')
  for (const cache of caches) await cache.close()
  t.ok(used() <= 200_000 + small.slabBytes, `${used()} bytes are left`)
})
