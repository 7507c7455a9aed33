import type { ObjectId } from '../../../terms/object-id.ts'
import { chargedSize } from '../objects/object-bcs.ts'
import { computationCost, gasSummary, netCost, storageCost } from './gas.ts'
import type { GasSummary } from './gas.ts'
import type { Settlement } from './settlement.ts'

/** What a transaction costs, and the deposit that each object written keeps. */
export interface Bill {
  readonly gas: GasSummary
  readonly net: bigint
  readonly deposits: ReadonlyMap<ObjectId, bigint>
}

/** The bill for what a transaction calculated and leaves behind. Price 0 takes no money; deposits are noted all the same. */
export function billOf(settlement: Settlement, units: number, price: bigint): Bill {
  const deposits = new Map(
    settlement.writes.map((write) => [write.id, storageCost(chargedSize(write.data))]),
  )
  if (price === 0n) return { gas: gasSummary(0n, 0n, 0n), net: 0n, deposits }
  const kept = [...deposits.values()].reduce((sum, deposit) => sum + deposit, 0n)
  const released = [...settlement.writes, ...settlement.removals].reduce(
    (sum, { before }) => sum + (before?.storageRebate ?? 0n),
    0n,
  )
  const gas = gasSummary(computationCost(units, price), kept, released)
  return { gas, net: netCost(gas), deposits }
}

/** The bill of one who cannot even pay for the new versions of the inputs: the whole budget, deposits stay. */
export function exhaustedBill(settlement: Settlement, budget: bigint): Bill {
  const deposits = new Map(
    settlement.writes.map((write) => [write.id, write.before?.storageRebate ?? 0n]),
  )
  return { gas: gasSummary(budget, 0n, 0n), net: budget, deposits }
}
