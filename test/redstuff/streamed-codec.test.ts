import { test } from 'tap'
import { openCodec } from '../../src/redstuff/open-codec.ts'
import { codecSuite } from './codec-suite.ts'
import { never, stateLike } from './vector-check.ts'
import { inputOf, vectors } from './vectors/vector.ts'

/** Every blob goes through the window, and few of them fit it. */
const tight = { codec: 'simd', workers: 2, streamFromBytes: 0, windowBytes: 40_000 } as const

/** One large blob is enough, and large matrices only matter in what follows. */
function isAffordable({ n, size }: { n: number; size: number }): boolean {
  return n < 1000 && (size < 1 << 22 || n === 100)
}

test('the codec, streaming every blob', (t) => {
  codecSuite(t, () => openCodec(tight), 10)
  t.end()
})

test('streamed encodings are those of the official encoder', async (t) => {
  const codec = await openCodec({ ...tight, windowBytes: 1 << 20 })
  t.teardown(() => codec.close())
  for (const vector of [...vectors('tiny'), ...vectors('main')]) {
    if (vector.error !== undefined || !isAffordable(vector)) continue
    t.match(vector, await stateLike(codec, vector), `${vector.n} shards, ${vector.size} bytes`)
  }
  for (const vector of vectors('sweep').filter(({ n, size }) => n >= 130 && size > 100_000)) {
    const source = { kind: 'bytes', bytes: inputOf(vector) } as const
    const { blobId } = await codec.metadata(vector.n, source, never)
    t.equal(blobId, vector.blob_id, `${vector.n} shards, ${vector.size} bytes`)
  }
})
