import { test } from 'tap'
import { openCodec } from '../../src/redstuff/open-codec.ts'
import { stateLike } from './vector-check.ts'
import { vectors } from './vectors/vector.ts'

for (const file of ['tiny', 'main', 'sweep'] as const) {
  test(`the codec on workers does as the official one on the ${file} vectors`, async (t) => {
    const codec = await openCodec({ codec: 'simd', workers: 2 })
    t.teardown(() => codec.close())
    for (const vector of vectors(file)) {
      if (vector.error === undefined) {
        t.match(vector, await stateLike(codec, vector), `${vector.n} shards, ${vector.size} bytes`)
      } else {
        await t.rejects(stateLike(codec, vector), { name: 'CodecError' })
      }
    }
  })
}
