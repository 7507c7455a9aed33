import fc from 'fast-check'
import { test } from 'tap'
import { copyBytes } from '../../src/redstuff/simd/copy.ts'

const shared = new Uint8Array(new SharedArrayBuffer(64))
const own = Uint8Array.from({ length: 64 }, (_, k) => k)

test('what is copied to and from shared memory is what set copies', async () => {
  const places = fc.record({
    start: fc.nat(64),
    length: fc.nat(64),
    at: fc.nat(64),
    whole: fc.boolean(),
  })
  fc.assert(
    fc.property(places, ({ start, length, at, whole }) => {
      const end = Math.min(start + length, 64, start + 64 - at)
      const from = whole ? own.subarray(start, end) : own
      const first = whole ? 0 : start
      const expected = new Uint8Array(64)
      expected.set(own.subarray(start, end), at)
      shared.fill(0)
      copyBytes(from, first, first + end - start, shared, at)
      const back = new Uint8Array(64)
      copyBytes(shared, 0, 64, back, 0)
      return Buffer.compare(shared, expected) === 0 && Buffer.compare(back, expected) === 0
    }),
  )
})

test('what is too short is refused and nothing is changed', async (t) => {
  shared.fill(7)
  t.throws(() => copyBytes(own, 60, 65, shared, 0), RangeError)
  t.throws(() => copyBytes(own, 0, 5, shared, 60), RangeError)
  t.ok(shared.every((byte) => byte === 7))
})
