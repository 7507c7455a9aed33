import fc from 'fast-check'
import { test } from 'tap'
import { forecast } from '../../src/renewal/forecast.ts'
import { isOurs, type PackLife } from '../../src/renewal/pack-life.ts'
import { aimOf, planRenewal } from '../../src/renewal/plan.ts'
import { drives, pack, policies, prices } from './packs.ts'

const market = { epoch: 100, maxEpochsAhead: 53, storagePrice: 7n }

test('it is what the planner pays, epoch by epoch', async () => {
  fc.assert(
    fc.property(drives, policies, prices, (packs, policy, storagePrice) => {
      const now = { ...market, storagePrice }
      const told = forecast(packs, now, policy, 30)
      let lives: readonly PackLife[] = packs
      let paid = 0n
      for (let epoch = 100; epoch <= 130; epoch++) {
        const then = { ...now, epoch }
        const plan = planRenewal(lives, aimOf(policy, then), then, undefined)
        paid += plan.cost
        lives = lives.map((one) => {
          const more = plan.extensions.find((extension) => extension.pack === one)
          return { ...one, endEpoch: one.endEpoch + (more?.epochs ?? 0) }
        })
      }
      const alive = lives.every((one, i) => {
        return one.endEpoch > 130 || !isOurs(one) || packs[i]!.endEpoch <= 100
      })
      return paid === told.cost && alive
    }),
    { numRuns: 50 },
  )
})

test('in the long run a drive costs its price an epoch', async (t) => {
  const packs = [pack({ units: 66, endEpoch: 110 }), pack({ units: 4, endEpoch: 103 })]
  const { cost, endEpoch, payments } = forecast(packs, market, { marginEpochs: 2, epochs: 10 }, 24)
  const bought = payments.reduce((sum, payment) => sum + payment.packs, 0)
  t.ok(bought >= 4)
  t.ok(endEpoch! > 126)
  const used = 70n * 7n * 24n
  t.ok(cost > used / 2n && cost < used * 2n)
})

test('it says from when on the balance is too small', async (t) => {
  const packs = [pack({ units: 10, endEpoch: 102 })]
  const policy = { marginEpochs: 2, epochs: 10 }
  const told = forecast(packs, market, policy, 20, { balance: 10n * 7n * 8n })
  t.equal(told.payments[0]!.epoch, 100)
  t.equal(told.shortFrom, told.payments[1]!.epoch)
  t.equal(forecast(packs, market, policy, 20, { balance: told.cost }).shortFrom, undefined)
})

test('a budget that is too little for an epoch is told, with what ends for it', async (t) => {
  const packs = [pack({ units: 10, endEpoch: 102 }), pack({ units: 20, endEpoch: 102 })]
  const policy = { marginEpochs: 2, epochs: 10 }
  const all = 30n * 7n * 8n
  t.match(forecast(packs, market, policy, 1, { budget: all }), { cost: all, lost: 0 })
  t.equal(forecast(packs, market, policy, 1, { budget: all }).heldFrom, undefined)
  const less = forecast(packs, market, policy, 20, { budget: 30n * 7n })
  t.match(less, { heldFrom: 100, lost: 0 }, 'an epoch at a time is enough to live')
  const none = forecast(packs, market, policy, 20, { budget: 10n * 7n })
  t.match(none, { heldFrom: 100, lost: 1 })
  t.match(none.payments[0], { packs: 1, cost: 70n })
  t.match(forecast(packs, market, policy, 20, { budget: 0n }), { cost: 0n, lost: 2, payments: [] })
})
