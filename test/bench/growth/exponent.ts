import type { Cost } from './growth.ts'

/** Costs below this say more about the clock than about growth. */
const leastSeconds = 0.3
const leastMegabytes = 20
/** What measuring itself may add. */
const slack = 0.15

/** How a cost grew from one size to the next. */
export interface Growth {
  readonly from: number
  readonly to: number
  /** Grew as the size to the power of this; n log n has a little more than 1. */
  readonly exponent: number
  /** By more than n log n would, and the measurement's own error. */
  readonly isTooFast: boolean
}

/** One line of the table: a step or a moment, over all sizes. */
export interface CostLine {
  readonly name: string
  readonly unit: 's' | 'MB'
  /** Undefined where a size did not have it. */
  readonly values: readonly (number | undefined)[]
  readonly growths: readonly (Growth | undefined)[]
}

/** Lines of a series, steps first. */
export function costLines(costs: readonly Cost[]): CostLine[] {
  const names = (of: (cost: Cost) => Readonly<Record<string, number>>): string[] => [
    ...new Set(costs.flatMap((cost) => Object.keys(of(cost)))),
  ]
  return [
    ...names((cost) => cost.seconds).map((name) =>
      lineOf(costs, name, 's', (cost) => cost.seconds[name]),
    ),
    ...names((cost) => cost.megabytes).map((name) =>
      lineOf(costs, name, 'MB', (cost) => cost.megabytes[name]),
    ),
  ]
}

function lineOf(
  costs: readonly Cost[],
  name: string,
  unit: 's' | 'MB',
  of: (cost: Cost) => number | undefined,
): CostLine {
  const values = costs.map(of)
  const growths = costs.slice(1).map((cost, i) => {
    const [before, after] = [values[i], values[i + 1]]
    if (before === undefined || after === undefined) return undefined
    return growthOf(costs[i]!.size, cost.size, before, after, unit)
  })
  return { name, unit, values, growths }
}

/** The growth between two sizes; undefined where the costs are too small to tell. */
export function growthOf(
  from: number,
  to: number,
  before: number,
  after: number,
  unit: CostLine['unit'],
): Growth | undefined {
  if (after < (unit === 's' ? leastSeconds : leastMegabytes) || before <= 0) return undefined
  const exponent = exponentBetween(from, to, before, after)
  const allowed = exponentBetween(from, to, from * Math.log2(from), to * Math.log2(to)) + slack
  return { from, to, exponent, isTooFast: exponent > allowed }
}

function exponentBetween(from: number, to: number, before: number, after: number): number {
  return Math.log(after / before) / Math.log(to / from)
}
