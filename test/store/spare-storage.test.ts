import fc from 'fast-check'
import { test } from 'tap'
import { encodedBytes } from '../../src/store/encoded-size.ts'
import { costOf, planPurchases, type SpareStorage } from '../../src/store/spare-storage.ts'
import { parseObjectId } from '../../src/terms/object-id.ts'

const market = { epoch: 10, shards: 32, storagePrice: 1000n, writePrice: 2000n }
const small = encodedBytes(32, 1000)
const large = encodedBytes(32, 2_000_000)

function storage(id: number, bytes: number, endEpoch: number, startEpoch = 5): SpareStorage {
  return { objectId: parseObjectId(id.toString(16)), bytes, startEpoch, endEpoch }
}

test('what saves most is taken, and of that what ends first, then the smallest', (t) => {
  const taken = (...spare: SpareStorage[]) => planPurchases([1000], 5, market, spare)[0]!
  const [soon, late, exact] = [storage(1, small, 11), storage(2, small, 30), storage(3, small, 15)]
  t.equal(taken().spare, undefined)
  t.match(taken(soon), { spare: soon, fromEpoch: 11, untilEpoch: 15, endEpoch: 15 })
  t.equal(taken(soon, late).spare, late)
  t.match(taken(late), { fromEpoch: 15, untilEpoch: 15, endEpoch: 30, storageCost: 0n })
  t.equal(taken(soon, late, exact).spare, exact)
  t.equal(taken(storage(4, large, 15), exact).spare, exact)
  t.match(taken(storage(4, large, 15)), { takenBytes: small })
  t.match(taken(storage(4, small + 1000, 15)), { takenBytes: small + 1000 }, 'within one MiB')
  for (const none of [storage(5, small - 1, 15), storage(6, small, 10), storage(7, small, 20, 11)])
    t.equal(taken(none).spare, undefined)
  t.end()
})

test('whatever there is: each once, large enough, never dearer, and nothing ends too soon', (t) => {
  const spare = fc.array(
    fc.record({
      bytes: fc.integer({ min: 1, max: 2 * large }),
      startEpoch: fc.integer({ min: 5, max: 12 }),
      life: fc.integer({ min: 1, max: 20 }),
    }),
    { maxLength: 8 },
  )
  const sizes = fc.array(fc.integer({ min: 1, max: 2_000_000 }), { maxLength: 6 })
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 12 }), spare, (some, epochs, rows) => {
      const all = rows.map((row, i) =>
        storage(i + 1, row.bytes, row.startEpoch + row.life, row.startEpoch),
      )
      const plan = planPurchases(some, epochs, market, all)
      const used = plan.flatMap((one) => one.spare ?? [])
      if (new Set(used).size !== used.length) throw new Error('one is used twice')
      for (const { spare: taken, takenBytes, encoded, endEpoch, fromEpoch } of plan) {
        if (takenBytes < encoded || (taken && takenBytes > taken.bytes)) throw new Error('size')
        if (endEpoch < market.epoch + epochs) throw new Error('it ends too soon')
        if (taken && (taken.startEpoch > market.epoch || fromEpoch <= market.epoch)) {
          throw new Error('it does not cover this epoch')
        }
      }
      if (costOf(plan) > costOf(planPurchases(some, epochs, market, []))) throw new Error('dearer')
    }),
  )
  t.end()
})
