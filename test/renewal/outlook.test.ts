import { test } from 'tap'
import { outlookOf } from '../../src/renewal/outlook.ts'
import type { PackLife } from '../../src/renewal/pack-life.ts'
import { aimOf, planRenewal } from '../../src/renewal/plan.ts'
import type { Survey } from '../../src/renewal/survey.ts'
import { pack } from './packs.ts'

const policy = { marginEpochs: 2, epochs: 10 }

function outlook(
  packs: readonly PackLife[],
  balance: bigint,
  options: { auto?: boolean; budget?: bigint } = {},
) {
  const { auto = true, budget } = options
  const market = { epoch: 100, maxEpochsAhead: 53, storagePrice: 1_000_000n }
  const now = { ...market, epochDurationMs: 1000, packs, balance } as unknown as Survey
  const spendable = budget !== undefined && budget < balance ? budget : balance
  const plan = planRenewal(packs, aimOf(policy, market), market, spendable)
  return outlookOf(now, plan, { ...policy, auto, budgetLeft: budget })
}

const rich = 10n ** 15n

test('nothing is said while nothing ends', async (t) => {
  const told = outlook([pack({ endEpoch: 108 }), pack({ endEpoch: 110 })], rich)
  t.match(told, { problems: [], endEpoch: 108, packs: 2, ours: 2, endangered: 0, ended: 0 })
  t.equal(told.next?.epoch, 106)
  t.equal(told.next?.cost, 66n * 8n * 1_000_000n)
  t.equal(told.pricePerEpoch, 132_000_000n)
})

test('each reason has its words, and the last epoch is grave', async (t) => {
  const due = [pack({ endEpoch: 102 })]
  t.match(outlook(due, 0n).problems, [
    { text: /0.528 WAL more are needed, the account has 0 WAL/, grave: false },
  ])
  t.match(outlook(due, rich, { budget: 1n }).problems, [
    { text: /the budget leaves 0.000000001 WAL/ },
  ])
  t.match(outlook(due, rich, { auto: false }).problems, [
    { text: /run walrusfs renew/, grave: false },
  ])
  const last = [pack({ endEpoch: 101 })]
  t.match(outlook(last, rich, { auto: false }).problems, [{ grave: true }])
  t.match(outlook([pack({ endEpoch: 101, whose: 'theirs' })], rich).problems, [
    { text: /this key cannot renew it/, grave: true },
  ])
  t.match(outlook([pack({ endEpoch: 100 })], rich).problems, [{ text: /has ended/, grave: true }])
  t.match(outlook([pack({ endEpoch: 104 })], 5n).problems, [
    { text: /the next renewal, in epoch 102/, grave: false },
  ])
})

test('counts do not count twice', async (t) => {
  const packs = [
    pack({ endEpoch: 99 }),
    pack({ endEpoch: 101 }),
    pack({ endEpoch: 102, whose: 'theirs' }),
    pack({ endEpoch: 102, whose: 'nobody' }),
    pack({ endEpoch: 120 }),
  ]
  const told = outlook(packs, 1n)
  t.match(told, { packs: 5, ours: 3, endangered: 3, ended: 1, endEpoch: 101 })
  t.match(outlook(packs, rich, { auto: false }), { endangered: 3, ended: 1 })
})
