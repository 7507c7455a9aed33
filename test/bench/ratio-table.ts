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
}

/** How many times better ours is, of the medians of the rounds. */
export function ratioOf({ better, ours, theirs }: Comparison): number {
  const [a, b] = [median(ours), median(theirs)]
  return better === 'higher' ? a / b : b / a
}

/** The comparisons as a table for people. */
export function tableOf(comparisons: readonly Comparison[]): string {
  const head = ['measure', 'walrusfs', 'against', 'theirs', 'ratio', 'goal']
  const rows = comparisons.map((one) => {
    const ratio = ratioOf(one)
    const goal =
      one.goal === undefined ? '' : `≥ ${one.goal}× ${ratio >= one.goal ? 'reached' : 'missed'}`
    return [
      one.measure,
      `${shown(median(one.ours))} ${one.unit}`,
      one.against,
      `${shown(median(one.theirs))} ${one.unit}`,
      `${shown(ratio)}×`,
      goal,
    ]
  })
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toPrecision(2)
}
