import { channelOf } from './axis.ts'
import type { Axis } from './axis.ts'
import { svgOfSpec } from './vega-svg.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Series {
  readonly name: string
  /** In any order; they are joined from left to right. */
  readonly points: readonly Point[]
  /** `measured`: a line with a dot at each point; `reference`: a dashed line to compare with. @default 'measured' */
  readonly kind?: 'measured' | 'reference'
}

/** A plot of any number of series over common axes. */
export interface Plot {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly Series[]
  /** Of the area between the axes, in pixels. @default 560 */
  readonly width?: number
  /** @default 360 */
  readonly height?: number
}

/** The plot as the text of an SVG file. */
export async function svgOf(plot: Plot): Promise<string> {
  const { title, series, width = 560, height = 360 } = plot
  const points = series.flatMap((one) => one.points)
  const ofX = channelOf(
    plot.x,
    points.map(({ x }) => x),
  )
  const ofY = channelOf(
    plot.y,
    points.map(({ y }) => y),
  )
  const layer = (['measured', 'reference'] as const)
    .map((kind) => ({ kind, values: rowsOf(series, kind) }))
    .filter(({ values }) => values.length > 0)
    .map(({ kind, values }) => ({
      data: { values },
      mark: kind === 'measured' ? measuredLine() : referenceLine(),
      encoding: {
        x: { field: 'x', type: 'quantitative' as const, ...ofX },
        y: { field: 'y', type: 'quantitative' as const, ...ofY },
        color: {
          field: 'series',
          type: 'nominal' as const,
          scale: { domain: series.map(({ name }) => name) },
          legend: { title: null, labelLimit: 360 },
        },
      },
    }))
  return svgOfSpec({ title, width, height, layer })
}

const measuredLine = () => ({ type: 'line' as const, point: { size: 40 }, strokeWidth: 2 })
const referenceLine = () => ({ type: 'line' as const, strokeDash: [5, 4], strokeWidth: 1.2 })

function rowsOf(series: readonly Series[], wanted: NonNullable<Series['kind']>) {
  return series
    .filter(({ kind = 'measured' }) => kind === wanted)
    .flatMap(({ name, points }) => points.map(({ x, y }) => ({ series: name, x, y })))
}
