import { isCompared, isReached, ratioOf } from '../harness/comparison.ts'
import type { Row } from '../harness/comparison.ts'
import { svgOfSpec } from './vega-svg.ts'

const colors = { reached: '#2e8b57', missed: '#d1495b', 'no goal': '#8a8a8a' } as const

/** How many times better each measure is, on a log axis: a dot for what is, a tick for what is to be. */
export async function svgOfRatios(title: string, rows: readonly Row[]): Promise<string> {
  const values = rows.filter(isCompared).map((row) => {
    const reached = isReached(row)
    const state = reached === undefined ? 'no goal' : reached ? 'reached' : 'missed'
    const name = `${row.measure} — ${row.against}`
    return { name, ratio: ratioOf(row), ...(row.goal !== undefined && { goal: row.goal }), state }
  })
  const y = {
    field: 'name',
    type: 'nominal' as const,
    sort: values.map(({ name }) => name),
    axis: { title: null, grid: true },
  }
  const along = (field: string) => ({
    field,
    type: 'quantitative' as const,
    scale: { type: 'log' as const },
    axis: {
      title: 'times better than what it is compared with',
      format: '~g',
      tickCount: 8,
      labelOverlap: true,
    },
  })
  const state = {
    field: 'state',
    type: 'nominal' as const,
    scale: { domain: Object.keys(colors), range: Object.values(colors) },
    legend: { title: null },
  }
  return svgOfSpec({
    title,
    width: 480,
    height: { step: 20 },
    data: { values },
    layer: [
      {
        mark: { type: 'rule', color: '#555' },
        encoding: { x: { datum: 1, type: 'quantitative' } },
      },
      {
        transform: [{ filter: 'isValid(datum.goal)' }],
        mark: { type: 'tick', thickness: 3, size: 16, color: '#222' },
        encoding: { y, x: along('goal') },
      },
      {
        mark: { type: 'point', filled: true, size: 90, opacity: 1 },
        encoding: { y, x: along('ratio'), color: state },
      },
    ],
  })
}
