import { test } from 'tap'
import { costLines, growthOf } from './exponent.ts'

test('growth up to n log n is not too fast, growth beyond it is', async (t) => {
  const between = (cost: (n: number) => number) =>
    growthOf(1000, 100_000, cost(1000), cost(100_000), 's')!
  t.notOk(between((n) => n / 1000).isTooFast)
  t.notOk(between((n) => (n * Math.log2(n)) / 1000).isTooFast)
  t.notOk(between(() => 5).isTooFast)
  t.ok(between((n) => n ** 1.5 / 1000).isTooFast)
  t.ok(between((n) => n ** 2 / 1000).isTooFast)
  t.equal(between((n) => n ** 2 / 1000).exponent.toFixed(6), '2.000000')
})

test('nothing is said of costs that are too small to tell, and a step that a size lacks stays empty', async (t) => {
  t.equal(growthOf(10, 1000, 0.001, 0.1, 's'), undefined)
  const lines = costLines([
    { size: 10, seconds: { write: 1 }, megabytes: { peak: 100 } },
    { size: 100, seconds: { write: 20, read: 2 }, megabytes: { peak: 110 } },
  ])
  t.same(
    lines.map(({ name, values }) => [name, ...values]),
    [
      ['write', 1, 20],
      ['read', undefined, 2],
      ['peak', 100, 110],
    ],
  )
  t.same(
    lines.map(({ growths }) => growths[0]?.isTooFast),
    [false, undefined, false],
  )
})
