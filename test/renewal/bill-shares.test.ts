import fc from 'fast-check'
import { test } from 'tap'
import { billShares, sumOfShares } from '../../src/renewal/bill-shares.ts'
import { priceOf } from '../../src/renewal/pack-life.ts'
import type { BlobId } from '../../src/terms/blob-id.ts'
import { drives, pack, prices } from './packs.ts'

const mib = 1 << 20
const now = 100

test('the shares of a bill are the whole of it, whoever names how much', (t) => {
  const named = fc.array(fc.array(fc.nat(1 << 27), { maxLength: 40 }), { maxLength: 6 })
  fc.assert(
    fc.property(drives, named, prices, (packs, amounts, price) => {
      const owners = amounts.map(
        (list) => new Map(packs.flatMap(({ blob }, i) => (list[i] ? [[blob, list[i]]] : []))),
      )
      const { owners: shares, unseen } = billShares(packs, owners, now, price)
      const whole = sumOfShares([...shares, unseen])
      const alive = packs.filter(({ endEpoch }) => endEpoch > now)
      const units = alive.reduce((sum, one) => sum + one.units, 0)
      t.equal(whole.billedBytes, units * mib)
      t.equal(whole.costPerEpoch, priceOf(alive, price))
      t.ok([...shares, unseen].every(({ billedBytes }) => billedBytes >= 0))
    }),
    { numRuns: 200 },
  )
  t.end()
})

test('the bill of a small pack is divided by the bytes that each has in it', (t) => {
  const one = { ...pack({ units: 66, endEpoch: 110 }), bytes: 1000 }
  const of = (bytes: number) => new Map<BlobId, number>([[one.blob, bytes]])
  const { owners, unseen } = billShares([one], [of(500), of(250)], now, 1n)
  t.same(
    owners.map(({ billedBytes }) => billedBytes),
    [33 * mib, 16.5 * mib],
  )
  t.match(unseen, { storedBytes: 250, billedBytes: 16.5 * mib })
  const ended = billShares([{ ...one, endEpoch: now }], [of(500)], now, 1n)
  t.match(ended.owners[0], { storedBytes: 500, billedBytes: 0, costPerEpoch: 0n })
  t.end()
})
