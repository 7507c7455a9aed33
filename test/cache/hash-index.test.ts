import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { test } from 'tap'
import { fingerprintOf, HashIndex } from '../../src/cache/hash-index.ts'

function hashOf(number: number): Buffer {
  return createHash('sha256').update(String(number)).digest()
}

test('holds what a map would hold', async (t) => {
  const step = fc.record({
    do: fc.constantFrom('put', 'put', 'put', 'remove', 'find', 'hit'),
    key: fc.nat(300),
    slab: fc.integer({ min: 1, max: 5 }),
    position: fc.nat(2 ** 32 - 1),
  })
  const property = fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
    const index = new HashIndex(() => true)
    const model = new Map<number, { slab: number; position: number; hits: number }>()
    for (const { do: action, key, slab, position } of steps) {
      const slot = index.find(hashOf(key))
      const known = model.get(key)
      if ((slot === undefined) !== (known === undefined)) return false
      if (action === 'put') {
        index.put(hashOf(key), { slab, position, length: key })
        model.set(key, { slab, position, hits: 0 })
      }
      if (slot === undefined || !known) continue
      if (index.positionAt(slot) !== known.position && action !== 'put') return false
      if (action === 'remove') {
        index.remove(slot)
        model.delete(key)
      } else if (action === 'hit') {
        index.hit(slot)
        known.hits = Math.min(3, known.hits + 1)
      }
    }
    for (let slab = 1; slab <= 5; slab++) {
      const found = [...index.ofSlab(slab)].flat()
      const expected = [...model].filter(([, place]) => place.slab === slab)
      if (found.length !== expected.length) return false
      for (const [key, { position, hits }] of expected) {
        const fingerprint = fingerprintOf(hashOf(key))
        const entry = found.find((item) => item.fingerprint === fingerprint)
        if (entry?.position !== position || entry.hits !== hits || entry.length !== key)
          return false
      }
    }
    return true
  })
  fc.assert(property, { numRuns: 200 })
  t.pass()
})

test('entries of slabs that are gone make room for others', async (t) => {
  const live = new Set([1])
  const index = new HashIndex((slab) => live.has(slab))
  for (let slab = 1; slab <= 40; slab++) {
    live.clear()
    live.add(slab)
    for (let key = 0; key < 3000; key++) {
      index.put(hashOf(slab * 3000 + key), { slab, position: key, length: 1 })
    }
  }
  t.ok(index.count < 20_000, `${index.count} entries, 3000 of them live`)
  t.equal([...index.ofSlab(40)].flat().length, 3000)
})

test('a checked mark and hits go when the place changes', async (t) => {
  const index = new HashIndex(() => true)
  index.put(hashOf(1), { slab: 1, position: 0, length: 1 })
  const slot = index.find(hashOf(1))!
  for (let time = 0; time < 10; time++) index.hit(slot)
  t.notOk(index.isChecked(slot))
  index.setChecked(slot)
  t.ok(index.isChecked(slot))
  t.match([...index.ofSlab(1)].flat(), [{ hits: 3 }])
  index.put(hashOf(1), { slab: 2, position: 9, length: 1 })
  t.notOk(index.isChecked(index.find(hashOf(1))!))
  t.match([...index.ofSlab(2)].flat(), [{ hits: 0, position: 9 }])
})
