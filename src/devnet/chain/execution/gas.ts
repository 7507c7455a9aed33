/** What a transaction cost, in MIST (sui-types, `GasCostSummary`). */
export interface GasSummary {
  readonly computationCost: bigint
  readonly storageCost: bigint
  readonly storageRebate: bigint
  readonly nonRefundableStorageFee: bigint
}

/** MIST for a unit of computation, all epochs. */
export const referenceGasPrice = 1000n
/** Units are charged in steps. */
const unitStep = 1000
/** The most that one transaction can calculate. */
export const maxUnits = 5_000_000
export const maxGasBudget = 50_000_000_000n

/** What a transaction must offer. */
export interface GasRules {
  readonly price: bigint
  readonly minUnits: bigint
  readonly maxBudget: bigint
}

export const gasRules: GasRules = {
  price: referenceGasPrice,
  minUnits: 1000n,
  maxBudget: maxGasBudget,
}

/** 100 units a byte at 76 MIST. */
const mistPerByte = 7600n
/** 99 % of a deposit come back. */
const rebateBasisPoints = 9900n

/** How many units a budget buys. */
export function affordableUnits(budget: bigint, price: bigint): number {
  return Math.min(maxUnits, Number(budget / price))
}

export function computationCost(units: number, price: bigint): bigint {
  return BigInt(Math.max(1, Math.ceil(units / unitStep)) * unitStep) * price
}

/** The deposit for an object of a charged size. */
export function storageCost(bytes: number): bigint {
  return BigInt(bytes) * mistPerByte
}

/** Puts a bill together from the deposits of what was written and of what it replaced. */
export function gasSummary(computation: bigint, deposits: bigint, released: bigint): GasSummary {
  const storageRebate = (released * rebateBasisPoints + 5000n) / 10_000n
  return {
    computationCost: computation,
    storageCost: deposits,
    storageRebate,
    nonRefundableStorageFee: released - storageRebate,
  }
}

/** What the payer loses; negative when deposits outweigh. */
export function netCost(gas: GasSummary): bigint {
  return gas.computationCost + gas.storageCost - gas.storageRebate
}

/** The budget that a full node proposes after a trial run (sui-rpc-api, `estimate_gas_budget_from_gas_cost`). */
export function proposedBudget(gas: GasSummary, price: bigint): bigint {
  const overhead = 1000n * price
  const least = gas.computationCost + overhead
  const usage = netCost(gas) + overhead
  return usage > least ? usage : least
}
