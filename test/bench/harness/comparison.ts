import { median, shown } from '../../../src/cli/bench/report.ts'

/** One comparison: ours and theirs in the same unit, measured in turn. */
export interface Comparison {
  readonly measure: string
  readonly against: string
  /** `higher`: bigger numbers are better, as for MB/s; `lower`: as for seconds. */
  readonly better: 'higher' | 'lower'
  readonly unit: string
  readonly ours: readonly number[]
  readonly theirs: readonly number[]
  /** How many times better we want to be. */
  readonly goal?: number
  /** The best that could be, measured in turn with ours. */
  readonly floor?: Floor
}

/** What no program in our place can do better than. */
export interface Floor {
  /** In a few words. */
  readonly what: string
  readonly figures: readonly number[]
}

/** A comparison that could not be made. */
export interface Skipped {
  readonly measure: string
  readonly against: string
  /** Why, and what to install. */
  readonly skipped: string
}

/** A bench that ended with an error. */
export interface Failed {
  readonly measure: string
  readonly error: string
}

export type Row = Comparison | Skipped | Failed

export function isSkipped(row: Row): row is Skipped {
  return 'skipped' in row
}

export function hasFailed(row: Row): row is Failed {
  return 'error' in row
}

export function isCompared(row: Row): row is Comparison {
  return !isSkipped(row) && !hasFailed(row)
}

/** How many times better ours is, of the medians of the rounds. */
export function ratioOf({ better, ours, theirs }: Comparison): number {
  const [a, b] = [median(ours), median(theirs)]
  return better === 'higher' ? a / b : b / a
}

/** How many times better than theirs the floor is; undefined without one. */
export function floorRatioOf({ floor, ...row }: Comparison): number | undefined {
  return floor && ratioOf({ ...row, ours: floor.figures })
}

/** Whether the goal is reached; undefined without one. */
export function isReached(comparison: Comparison): boolean | undefined {
  return comparison.goal === undefined ? undefined : ratioOf(comparison) >= comparison.goal
}

/** A measure with a number that it must reach, or that it must not exceed where lower is better. */
export function withLimit(
  row: Pick<Comparison, 'measure' | 'better' | 'unit' | 'ours'>,
  limit: number,
): Comparison {
  const bound = row.better === 'higher' ? 'at least' : 'at most'
  return { ...row, against: `${bound} ${shown(limit)} ${row.unit}`, theirs: [limit], goal: 1 }
}
