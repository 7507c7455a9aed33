import { costLines } from './exponent.ts'
import type { CostLine } from './exponent.ts'
import type { Cost, GrowthSeries } from './growth.ts'

/** The costs of a series as lines of text: a column a size, behind each cost its exponent, with `!` where it grows faster than n log n. */
export function growthTable(series: GrowthSeries, costs: readonly Cost[]): string {
  const head = [series.axis.label, ...costs.map(({ size }) => sizeText(series, size))]
  const rows = costLines(costs).map((line) => [`${line.name} (${line.unit})`, ...cellsOf(line)])
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]!.length)),
  )
  const text = [head, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  '),
  )
  return `${series.title}\n${text.join('\n')}\n`
}

function cellsOf({ values, growths }: CostLine): string[] {
  return values.map((value, i) => {
    if (value === undefined) return ''
    const growth = growths[i - 1]
    const text = value >= 100 ? value.toFixed(0) : value.toFixed(2)
    return growth ? `${text} ^${growth.exponent.toFixed(2)}${growth.isTooFast ? '!' : ' '}` : text
  })
}

/** 100,000 or 64 MiB. */
export function sizeText({ axis }: Pick<GrowthSeries, 'axis'>, size: number): string {
  if (axis.numbers !== 'bytes') return size.toLocaleString('en')
  for (const [unit, bytes] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    if (size >= bytes) return `${size / bytes} ${unit}`
  }
  return `${size} B`
}
