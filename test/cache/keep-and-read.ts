import { MemoryOverDiskCache } from '../../src/cache/memory-over-disk-cache.ts'
import { piece } from './scratch-cache.ts'

/**
 * Keeps and reads pieces in the cache directory argv[2] for argv[3] milliseconds, beside other processes that do the same.
 * Prints how many reads were hits; ends with 1 at the first wrong byte.
 */
const cache = await MemoryOverDiskCache.open(process.argv[2]!, {
  memoryBytes: 0,
  diskBytes: 3 << 20,
  slabBytes: 64 << 10,
  reserveBytes: 0,
  openFiles: 3,
})
const until = Date.now() + Number(process.argv[3])
let [hits, reads] = [0, 0]
while (Date.now() < until) {
  for (let count = 0; count < 20; count++) {
    const number = Math.floor(Math.random() ** 2 * 2000)
    const { ref, bytes } = piece(number, 500 + number * 3)
    const stored = cache.stored(ref)
    reads++
    if (stored && !bytes.equals(stored)) process.exit(1)
    if (stored) hits++
    else cache.keepStored(ref, bytes)
  }
  await cache.idle()
}
await cache.close()
console.log(JSON.stringify({ hits, reads, damaged: cache.stats.damaged }))
