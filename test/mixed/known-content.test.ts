import { test } from 'tap'
import { chances } from '../runtime/chances.ts'
import { KnownContent, seedBytes } from './known-content.ts'

test('any range is what writing and truncating a buffer the same way gives', async (t) => {
  const chance = chances(1)
  const upTo = (most: number) => Math.floor(chance() * most)
  for (let round = 0; round < 50; round++) {
    let known = KnownContent.empty
    let buffer = Buffer.alloc(0)
    for (let step = 0; step < 12; step++) {
      if (chance() < 0.3) {
        const size = upTo(3000)
        const cut = buffer.subarray(0, size)
        buffer = Buffer.concat([cut, Buffer.alloc(size - cut.length)])
        known = known.truncated(size)
      } else {
        const [offset, length, seed] = [upTo(3000), 1 + upTo(500), upTo(2 ** 40)]
        const longer = Buffer.alloc(Math.max(buffer.length, offset + length))
        longer.set(buffer)
        longer.set(seedBytes(seed, offset, length), offset)
        buffer = longer
        known = known.written(offset, length, seed)
      }
      const [at, length] = [upTo(buffer.length), upTo(2000)]
      t.ok(known.bytes(at, length).equals(buffer.subarray(at, at + length)))
    }
    t.equal(known.size, buffer.length)
    t.ok(known.bytes(0, Infinity).equals(buffer))
  }
})

test('a part of a sequence is the same wherever it is begun, and seeds differ', async (t) => {
  for (const seed of [1, 2, 3]) {
    const all = seedBytes(seed, 0, 1000)
    t.ok(seedBytes(seed, 333, 400).equals(all.subarray(333, 733)))
    t.notOk(seedBytes(seed + 1, 0, 1000).equals(all))
  }
})

test('who reads a file that tells its seed knows what must follow', async (t) => {
  const written = KnownContent.selfTold(123_456, 5000).bytes(0, 5000)
  const seed = written.readDoubleBE()
  t.equal(seed, 123_456)
  t.ok(written.subarray(8).equals(seedBytes(seed, 8, 4992)))
})
