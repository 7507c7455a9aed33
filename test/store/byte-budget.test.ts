import fc from 'fast-check'
import { test } from 'tap'
import { ByteBudget } from '../../src/store/byte-budget.ts'

const { signal } = new AbortController()
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('never more than the budget is out, and everybody gets a turn in order', async (t) => {
  const sizes = fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(sizes, async (wanted) => {
      const budget = new ByteBudget(100)
      const order: number[] = []
      const work = wanted.map(async (bytes, i) => {
        await budget.take(bytes, signal)
        order.push(i)
        if (budget.used > 100 && budget.used !== bytes) throw new Error(`${budget.used} in use`)
        await turn()
        budget.give(bytes)
      })
      await Promise.all(work)
      t.equal(budget.used, 0)
      return order.every((i, place) => i === place)
    }),
    { numRuns: 50 },
  )
})

test('more than all of it is let in alone', async (t) => {
  const budget = new ByteBudget(10)
  await budget.take(1, signal)
  let entered = false
  const large = budget.take(50, signal).then(() => (entered = true))
  t.notOk(budget.tryTake(1), 'nobody overtakes who waits')
  await turn()
  t.notOk(entered)
  t.ok(budget.wanted)
  budget.give(1)
  await large
  t.notOk(budget.tryTake(1))
  budget.give(50)
  t.ok(budget.tryTake(10))
})

test('who gives up waiting makes room in the line', async (t) => {
  const budget = new ByteBudget(10)
  await budget.take(8, signal)
  const stop = new AbortController()
  const large = budget.take(10, stop.signal)
  const small = budget.take(2, signal)
  stop.abort(new Error('enough'))
  await t.rejects(large, { message: 'enough' })
  await small
  t.equal(budget.used, 10)
  await t.rejects(budget.take(1, AbortSignal.abort(new Error('late'))), { message: 'late' })
})
