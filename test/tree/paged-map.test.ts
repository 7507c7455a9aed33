import fc from 'fast-check'
import { test } from 'tap'
import { PagedMap } from '../../src/tree/paged-map.ts'
import { propertyRuns } from './property-runs.ts'

const anyKey = fc.oneof(
  fc.nat(70),
  fc.integer({ min: 2 ** 40, max: 2 ** 40 + 40 }),
  fc.maxSafeNat(),
)

test('a paged map holds what a Map holds', async (t) => {
  const anySteps = fc.array(fc.tuple(fc.constantFrom('set', 'delete'), anyKey), { size: 'large' })
  fc.assert(
    fc.property(anySteps, (steps) => {
      const [map, model] = [new PagedMap<object>(), new Map<number, object>()]
      for (const [kind, key] of steps) {
        const value = { key }
        for (const either of [map, model]) {
          if (kind === 'set') either.set(key, value)
          else either.delete(key)
        }
        if (map.get(key) !== model.get(key) || map.size !== model.size) return false
      }
      const byNumber = (a: number, b: number) => a - b
      const keys = [...map.keys()].sort(byNumber).join()
      const values = new Set(map.values())
      return (
        keys === [...model.keys()].sort(byNumber).join() &&
        values.size === model.size &&
        [...model.values()].every((value) => values.has(value)) &&
        [...model.keys()].every((key) => map.has(key))
      )
    }),
    propertyRuns(300),
  )
  t.pass('for all steps tried')
})

test('deleting while it is walked', async (t) => {
  const map = new PagedMap<object>()
  for (let i = 0; i < 100; i++) map.set(i, { i })
  let seen = 0
  for (const key of map.keys()) {
    seen++
    map.delete(key)
  }
  t.equal(seen, 100)
  t.equal(map.size, 0)
  t.same([...map.values()], [])
})
