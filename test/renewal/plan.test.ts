import fc from 'fast-check'
import { test } from 'tap'
import { batchesOf } from '../../src/renewal/batches.ts'
import { isOurs, type PackLife } from '../../src/renewal/pack-life.ts'
import { aimAt, aimOf, planRenewal, type RenewalPlan } from '../../src/renewal/plan.ts'
import { drives, pack, policies, prices } from './packs.ts'

const epoch = 100
const market = { epoch, maxEpochsAhead: 53, storagePrice: 10n }

/** When each pack ends if the plan is carried out. */
function endsAfter(packs: readonly PackLife[], plan: RenewalPlan): Map<PackLife, number> {
  const ends = new Map(packs.map((one) => [one, one.endEpoch]))
  for (const { pack: one, epochs } of plan.extensions) ends.set(one, one.endEpoch + epochs)
  return ends
}

test('with money enough, all that is due and ours lasts till the target, and nothing else is touched', async () => {
  fc.assert(
    fc.property(drives, policies, prices, (packs, policy, storagePrice) => {
      const now = { ...market, storagePrice }
      const aim = aimOf(policy, now)
      const plan = planRenewal(packs, aim, now, undefined)
      const ends = endsAfter(packs, plan)
      const touched = new Set(plan.extensions.map((one) => one.pack))
      for (const one of packs) {
        const alive = one.endEpoch > epoch
        const isDue = alive && isOurs(one) && one.endEpoch - epoch <= policy.marginEpochs
        if (touched.has(one) !== isDue) return false
        if (isDue && ends.get(one) !== aim.target) return false
        if (alive && isOurs(one) && ends.get(one)! - epoch <= policy.marginEpochs) return false
      }
      return plan.short.length === 0 && plan.cost === plan.wanted
    }),
  )
})

test('the cost is exact, and never above what may be spent', async () => {
  fc.assert(
    fc.property(
      drives,
      policies,
      prices,
      fc.bigInt(0n, 10n ** 9n),
      (packs, policy, price, most) => {
        const now = { ...market, storagePrice: price }
        const plan = planRenewal(packs, aimOf(policy, now), now, most)
        let cost = 0n
        for (const one of plan.extensions) {
          if (one.epochs < 1 || one.cost !== BigInt(one.pack.units * one.epochs) * price)
            return false
          cost += one.cost
        }
        return plan.cost === cost && cost <= most && cost <= plan.wanted
      },
    ),
  )
})

test('with too little, what ends soonest comes first, as far as the money goes', async () => {
  fc.assert(
    fc.property(
      drives,
      policies,
      prices,
      fc.bigInt(0n, 10n ** 8n),
      (packs, policy, price, most) => {
        const now = { ...market, storagePrice: price }
        const plan = planRenewal(packs, aimOf(policy, now), now, most)
        const ends = endsAfter(packs, plan)
        const touched = new Set(plan.extensions.map((one) => one.pack))
        for (const left of plan.short) {
          if (touched.has(left)) continue
          for (const one of touched) if (left.endEpoch < one.endEpoch) return false
        }
        if (plan.short.length === 0) return true
        // One epoch more for all that end first would be too much.
        const first = Math.min(...plan.short.map((one) => ends.get(one)!))
        const ending = plan.short.filter((one) => ends.get(one) === first)
        const more = ending.reduce((sum, one) => sum + BigInt(one.units) * price, 0n)
        return plan.cost + more > most
      },
    ),
  )
})

test('order, sorting of the helpless, and the first end', async () => {
  fc.assert(
    fc.property(drives, policies, (packs, policy) => {
      const plan = planRenewal(packs, aimOf(policy, market), market, undefined)
      const order = plan.extensions.map((one) => one.pack.endEpoch)
      const sorted = order.every((end, i) => i === 0 || order[i - 1]! <= end)
      const ended = packs.filter((one) => one.endEpoch <= epoch)
      const first = Math.min(...endsAfter(packs, plan).values())
      return (
        sorted &&
        plan.ended.length === ended.length &&
        plan.foreign.every((one) => !isOurs(one) && one.endEpoch > epoch) &&
        (plan.endEpoch ?? Infinity) === first
      )
    }),
  )
})

test('nothing is bought further ahead than the network sells', async (t) => {
  const now = { ...market, maxEpochsAhead: 5 }
  t.equal(aimOf({ marginEpochs: 2, epochs: 50 }, now).target, 105)
  t.equal(aimAt(99, now).target, 105)
  const far = pack({ endEpoch: 105 })
  t.same(planRenewal([far], aimAt(99, now), now, undefined).extensions, [])
})

test('a margin longer than what is bought still leaves the margin', async (t) => {
  const aim = aimOf({ marginEpochs: 4, epochs: 2 }, market)
  const plan = planRenewal([pack({ endEpoch: 102 })], aim, market, undefined)
  t.equal(plan.endEpoch, 105)
})

test('renewing by hand takes everything that ends before', async (t) => {
  const packs = [pack({ endEpoch: 103 }), pack({ endEpoch: 119 }), pack({ endEpoch: 120 })]
  const plan = planRenewal(packs, aimAt(20, market), market, undefined)
  t.same(
    plan.extensions.map(({ epochs }) => epochs),
    [17, 1],
  )
  t.equal(plan.endEpoch, 120)
})

test('batches hold everything once, in order', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 450 }), (count) => {
      const one = { pack: pack({ endEpoch: 101 }), epochs: 1, cost: 1n }
      const all = Array.from({ length: count }, () => ({ ...one }))
      const batches = batchesOf(all)
      const joined = batches.flat()
      return (
        joined.length === count &&
        joined.every((each, i) => each === all[i]) &&
        batches.every((batch) => batch.length >= 1 && batch.length <= 100)
      )
    }),
  )
})
