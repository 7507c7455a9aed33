import { batchesOf } from './batches.ts'
import { firstEnd, isOurs, type PackLife } from './pack-life.ts'
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
  /** The first epoch whose budget does not bring all that is due to its aim; undefined where it does. */
  readonly heldFrom: number | undefined
  /** Packs of the account that end all the same, for that. */
  readonly lost: number
}

/** What may be paid. */
export interface ForecastMoney {
  readonly balance?: bigint | undefined
  /** FROST in one epoch, for renewals by themselves. @default no limit */
  readonly budget?: bigint | undefined
}

/**
 * What a policy pays, if nothing else changes, neither the drive nor the price: what is due now, and at the beginning of
 * each of the next `epochs` epochs, as far as the budget of an epoch lets it. Packs that the account cannot extend are left to end.
 */
export function forecast(
  packs: readonly PackLife[],
  market: StorageMarket,
  policy: RenewalPolicy,
  epochs: number,
  { balance, budget }: ForecastMoney = {},
): Forecast {
  const payments: Payment[] = []
  let lives = packs
  let cost = 0n
  let shortFrom: number | undefined
  let heldFrom: number | undefined
  for (let epoch = market.epoch; epoch <= market.epoch + epochs; epoch++) {
    const then = { ...market, epoch }
    const plan = planRenewal(lives, aimOf(policy, then), then, budget)
    const { extensions, cost: due } = plan
    if (plan.short.length > 0) heldFrom ??= epoch
    if (extensions.length === 0) continue
    const later = new Map(extensions.map((one) => [one.pack, one.pack.endEpoch + one.epochs]))
    lives = lives.map((pack) => ({ ...pack, endEpoch: later.get(pack) ?? pack.endEpoch }))
    const transactions = batchesOf(extensions).length
    payments.push({ epoch, packs: extensions.length, cost: due, transactions })
    cost += due
    if (balance !== undefined && cost > balance) shortFrom ??= epoch
  }
  const last = market.epoch + epochs
  const isLost = (pack: PackLife, i: number) =>
    isOurs(pack) && packs[i]!.endEpoch > market.epoch && pack.endEpoch <= last
  return {
    payments,
    cost,
    endEpoch: firstEnd(lives),
    shortFrom,
    heldFrom,
    lost: lives.filter(isLost).length,
  }
}
