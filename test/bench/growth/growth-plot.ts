import { svgOf } from '../plot/plot.ts'
import type { Point } from '../plot/plot.ts'
import { costLines } from './exponent.ts'
import type { Cost, GrowthSeries } from './growth.ts'

/** Time and memory of a series in one plot over log axes; where a line is steeper than the dashed one, it grows faster than n log n. */
export function growthPlot(series: GrowthSeries, costs: readonly Cost[]): Promise<string> {
  const lines = costLines(costs).map(({ name, unit, values }) => ({
    name: `${name} (${unit})`,
    points: values.flatMap((value, i) => (value ? [{ x: costs[i]!.size, y: value }] : [])),
  }))
  return svgOf({
    title: series.title,
    x: { ...series.axis, scale: 'log' },
    y: { label: 'processor seconds, and MB of memory', scale: 'log' },
    series: [...lines, { name: 'n log n', kind: 'reference', points: reference(costs, lines) }],
    height: 460,
  })
}

/** Through the greatest time at the greatest size. */
function reference(
  costs: readonly Cost[],
  lines: readonly { readonly points: readonly Point[] }[],
): Point[] {
  const last = costs.at(-1)!
  const top = Math.max(...Object.values(last.seconds), 1)
  const scale = top / (last.size * Math.log2(last.size))
  const least = Math.min(...lines.flatMap(({ points }) => points.map(({ y }) => y)))
  return costs
    .map(({ size }) => ({ x: size, y: scale * size * Math.log2(size) }))
    .filter(({ y }) => y >= least)
}
