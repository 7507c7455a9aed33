import { batchesOf } from './batches.ts'
import { firstEnd, type PackLife } from './pack-life.ts'
import { aimOf, planRenewal, type RenewalPolicy, type StorageMarket } from './plan.ts'

/** What falls due when an epoch begins. */
export interface Payment {
  readonly epoch: number
  readonly packs: number
  /** FROST. */
  readonly cost: bigint
  /** Each takes a little SUI for gas. */
  readonly transactions: number
}

export interface Forecast {
  readonly payments: readonly Payment[]
  /** FROST for all of them. */
  readonly cost: bigint
  /** First epoch in which some pack is no longer stored, after all of them; undefined without packs. */
  readonly endEpoch: number | undefined
  /** The epoch whose payment the balance no longer covers; undefined where it covers all. */
  readonly shortFrom: number | undefined
}

/**
 * What a policy pays, if nothing else changes, neither the drive nor the price: what is due now, and at the beginning of
 * each of the next `epochs` epochs. Packs that the account cannot extend are left to end.
 */
export function forecast(
  packs: readonly PackLife[],
  market: StorageMarket,
  policy: RenewalPolicy,
  epochs: number,
  balance?: bigint,
): Forecast {
  const payments: Payment[] = []
  let lives = packs
  let cost = 0n
  let shortFrom: number | undefined
  for (let epoch = market.epoch; epoch <= market.epoch + epochs; epoch++) {
    const then = { ...market, epoch }
    const { extensions, cost: due } = planRenewal(lives, aimOf(policy, then), then, undefined)
    if (extensions.length === 0) continue
    const later = new Map(extensions.map((one) => [one.pack, one.pack.endEpoch + one.epochs]))
    lives = lives.map((pack) => ({ ...pack, endEpoch: later.get(pack) ?? pack.endEpoch }))
    const transactions = batchesOf(extensions).length
    payments.push({ epoch, packs: extensions.length, cost: due, transactions })
    cost += due
    if (balance !== undefined && cost > balance) shortFrom ??= epoch
  }
  return { payments, cost, endEpoch: firstEnd(lives), shortFrom }
}
