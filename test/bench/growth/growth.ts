import type { Axis } from '../plot/axis.ts'

/** What one size cost: seconds by step, and megabytes by moment. */
export interface Cost {
  readonly size: number
  readonly seconds: Readonly<Record<string, number>>
  readonly megabytes: Readonly<Record<string, number>>
}

/** How cost grows with one thing. */
export interface GrowthSeries {
  /** On the command line, and of the plot's file. */
  readonly name: string
  readonly title: string
  /** What grows. */
  readonly axis: Axis
  /** What is measured without `--full`, and with it. */
  readonly sizes: { readonly usual: readonly number[]; readonly full: readonly number[] }
  measure(sizes: readonly number[], found: (cost: Cost) => void): Promise<void>
}
