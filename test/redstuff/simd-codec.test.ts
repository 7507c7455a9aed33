import { setImmediate } from 'node:timers/promises'
import { test } from 'tap'
import type { Axis } from '../../src/redstuff/codec.ts'
import { openCodec } from '../../src/redstuff/open-codec.ts'
import { codecSuite } from './codec-suite.ts'
import { encodedBlob } from './encoded-blob.ts'
import { never } from './vector-check.ts'

test('the codec on workers', (t) => {
  codecSuite(t, () => openCodec({ codec: 'simd', workers: 2 }), 30)
  t.end()
})

/** More than the windows of a decoding hold together: each is used several times. */
test('large blobs are decoded window by window', async (t) => {
  const codec = await openCodec({ codec: 'simd', workers: 2 })
  t.teardown(() => codec.close())
  const shards = 100
  const { blob, metadata, sliver } = await encodedBlob(codec, shards, (46 << 20) + 7)
  const all = Array.from({ length: shards }, (_, index) => index)
  const sets: [string, Axis, number[]][] = [
    ['three rows are missing', 'primary', [...all.slice(3, 34), 50, 98, 99]],
    ['all rows are missing', 'primary', all.slice(34)],
    ['every other row is missing', 'primary', all.filter((index) => index % 2 === 1)],
    ['three columns are missing', 'secondary', [...all.slice(3, 67), 70, 98, 99]],
    ['no column is missing', 'secondary', all.slice(0, 67)],
    ['many columns are missing', 'secondary', all.slice(33)],
  ]
  for (const [name, axis, set] of sets) {
    const chosen = set.map((index) => sliver(axis, index))
    const decoded = await codec.decode(metadata, chosen, 'skip', never)
    t.equal(Buffer.compare(decoded, blob), 0, name)
  }
  const { signal, abort } = abortAfterTurns(20)
  const chosen = all.slice(34).map((index) => sliver('primary', index))
  const ended = codec.decode(metadata, chosen, 'skip', signal)
  await t.rejects(Promise.all([ended, abort()]), { message: 'enough' })
  const again = await codec.decode(metadata, chosen, 'default', never)
  t.equal(Buffer.compare(again, blob), 0, 'after one that was aborted')
})

function abortAfterTurns(turns: number) {
  const controller = new AbortController()
  const abort = async () => {
    for (let k = 0; k < turns; k++) await setImmediate()
    controller.abort(new Error('enough'))
  }
  return { signal: controller.signal, abort }
}
