import { hash } from 'node:crypto'
import fc from 'fast-check'
import { test } from 'tap'
import { erasureCode, pointOf } from '../../src/redstuff/erasure-code.ts'
import { exponents, inverse, logarithms, multiply } from '../../src/redstuff/field.ts'
import { expand } from '../../src/redstuff/scalar/expand.ts'
import { transform } from '../../src/redstuff/scalar/transform.ts'

const value = fc.nat({ max: 65535 })

test('the tables are those of the specification', async (t) => {
  const digest = (table: Uint16Array) => hash('sha256', table)
  t.equal(
    digest(exponents.subarray(0, 65535)),
    '9d5beed2eb46cb4de04fa4162848ce6614515e6f56e748a39c893f8c91373e57',
  )
  t.equal(
    digest(logarithms.subarray(1)),
    '1d41b2b6fe67c19bffbcf55efc441faf9463c8c9c1eb8701f7d8e767b345badf',
  )
  t.equal(multiply(0x1234, 0x5678), 0x35c9)
  t.equal(multiply(0xffff, 0xffff), 0x8000)
  t.equal(inverse(256), 0x2371)
})

test('it is a field', async () => {
  fc.assert(
    fc.property(value, value, value, (a, b, c) => {
      const sum = multiply(a, b ^ c) === (multiply(a, b) ^ multiply(a, c))
      const product = multiply(a, multiply(b, c)) === multiply(multiply(a, b), c)
      return sum && product && (a === 0 || multiply(a, inverse(a)) === 1)
    }),
  )
})

test('a transform of eight rows', async (t) => {
  const at = (delta: number) => {
    const elements = Uint16Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    transform({ elements, width: 1 }, 8, delta)
    return [...elements].map((element) => element.toString(16)).join(' ')
  }
  t.equal(at(0), '1 3 a c b a 9 4')
  t.equal(at(8), '2 4 c 0 0 4 3 5')
  t.equal(at(512), '4a9b 88f4 4ad1 887c 7c6c b67d 7c10 b6cb')
})

test('recovery symbols are the closed form of the code', async () => {
  const code = fc
    .tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 70 }))
    .map(([originals, recoveries]) => erasureCode(originals, recoveries))
  fc.assert(
    fc.property(code, fc.nat({ max: 69 }), fc.nat({ max: 69 }), value, (code, o, r, input) => {
      const [original, recovery] = [o % code.originals, r % code.recoveries]
      const elements = new Uint16Array(code.originals)
      elements[original] = input
      const [one, other] = [pointOf(code, original), pointOf(code, code.originals + recovery)]
      const factor = multiply(Math.max(one, other) >> code.chunkBits, inverse(one ^ other))
      return expand(code, { elements, width: 1 }).elements[recovery] === multiply(factor, input)
    }),
    { numRuns: 300 },
  )
})
