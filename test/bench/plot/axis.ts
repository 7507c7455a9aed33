/** An axis of a plot. */
export interface Axis {
  /** With its unit: `files in the directory`, `seconds`. */
  readonly label: string
  /** A log axis shows positive values only. @default 'linear' */
  readonly scale?: 'linear' | 'log'
  /** How its numbers are written: 10k and 1M, or 64 KiB and 1 GiB. @default 'plain' */
  readonly numbers?: 'plain' | 'bytes'
}

/** What Vega-Lite calls a channel's title, scale and axis, for values that lie between these. */
export function channelOf(axis: Axis, values: readonly number[]) {
  const { label, scale = 'linear', numbers = 'plain' } = axis
  const isBytes = numbers === 'bytes'
  return {
    title: label,
    scale: { type: scale, nice: !(isBytes && scale === 'log') },
    axis: {
      // Of a fraction, s would say 10m for 0.01.
      format: values.some((value) => value > 0 && value < 1) ? '~g' : '~s',
      ...(scale === 'log' && { tickCount: 8, labelOverlap: true }),
      ...(isBytes && { labelExpr: bytesExpression }),
      ...(isBytes && { values: scale === 'log' ? powersOfTwo(values) : binarySteps(values) }),
    },
  } as const
}

/** In the language of https://vega.github.io/vega/docs/expressions/. */
const bytesExpression = ['GiB', 'MiB', 'KiB'].reduceRight(
  (smaller, unit, k) =>
    `datum.value >= ${1024 ** (3 - k)} ? format(datum.value / ${1024 ** (3 - k)}, '~r') + ' ${unit}' : ${smaller}`,
  `format(datum.value, '~r') + ' B'`,
)

/** At most about eight, at the powers of two that people know best. */
function powersOfTwo(values: readonly number[]): number[] {
  const positive = values.filter((value) => value > 0)
  const [from, to] = [Math.log2(Math.min(...positive)), Math.log2(Math.max(...positive))]
  const step = [1, 2, 5, 10].find((bits) => (to - from) / bits <= 8) ?? 20
  const first = Math.floor(from / step)
  return Array.from(
    { length: Math.ceil(to / step) - first + 1 },
    (_, k) => 2 ** (step * (first + k)),
  )
}

/** At most nine, from zero, each the same power of two further. */
function binarySteps(values: readonly number[]): number[] {
  const most = Math.max(1, ...values)
  const step = 2 ** Math.ceil(Math.log2(most / 8))
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, k) => k * step)
}
