import { test } from 'tap'
import { ScalarCodec } from '../../src/redstuff/scalar/scalar-codec.ts'
import { stateLike } from './vector-check.ts'
import { vectors } from './vectors/vector.ts'

const codec = new ScalarCodec()

/** The reference is slow: of the large matrices one is enough. */
function isAffordable({ n, size }: { n: number; size: number }): boolean {
  return n * n * Math.max(size / 64, n) < 4e6 || (n === 301 && size < 100_000)
}

for (const file of ['tiny', 'main', 'sweep'] as const) {
  test(`the scalar codec does as the official one on the ${file} vectors`, async (t) => {
    for (const vector of vectors(file)) {
      if (vector.error !== undefined || !isAffordable(vector)) continue
      const stated = await stateLike(codec, vector)
      t.match(vector, stated, `${vector.n} shards, ${vector.size} bytes`)
    }
  })
}

test('what the official encoder refuses is refused', async (t) => {
  for (const vector of vectors('sweep').filter(({ error }) => error !== undefined)) {
    await t.rejects(stateLike(codec, vector), { name: 'CodecError' })
  }
})
