import { h, type ComponentChild } from '/preact.mjs'

/** A part of a bar. */
export interface Share {
  readonly name: string
  readonly value: number
  /** Class that gives its colour. */
  readonly kind: string
}

/** A bar cut into shares. */
export function shareBar(label: string, shares: readonly Share[]): ComponentChild {
  const total = shares.reduce((sum, { value }) => sum + value, 0)
  let at = 0
  const parts = shares
    .filter(({ value }) => value > 0)
    .map(({ name, value, kind }) => {
      const width = (value / total) * 1000
      const part = h('rect', {
        key: name,
        x: at,
        width: Math.max(2, width - 4),
        height: 10,
        class: kind,
      })
      at += width
      return part
    })
  return h('svg', { ...stretched(1000, 10), class: 'bar', 'aria-label': label }, parts)
}

/** A point of a curve. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** A curve over a filled area; x from 0 to 1, y from 0 to `max`. With `steps` it stays until the next point. */
export function area(
  label: string,
  points: readonly Point[],
  max: number,
  steps = false,
): ComponentChild {
  const [width, height] = [1000, 100]
  const place = ({ x, y }: Point) => [x * width, height - (y / (max || 1)) * (height - 4)] as const
  const corners = points.map((point, i) => {
    const [x, y] = place(point)
    return `${i === 0 ? 'M' : steps ? `H${x} L` : 'L'}${x} ${y}`
  })
  const [first, last] = [points[0], points.at(-1)]
  const filled =
    first && last
      ? `${corners.join(' ')} L${place(last)[0]} ${height} L${place(first)[0]} ${height} Z`
      : ''
  return h(
    'svg',
    { ...stretched(width, height), class: 'curve', 'aria-label': label },
    h('path', { d: filled, class: 'filled' }),
    h('path', { d: corners.join(' '), class: 'line' }),
  )
}

/** A stroke of a picture: where it stands, from 0 to 1, how high it is, from 0 to 1, and what it is. */
export interface Stem {
  readonly key: number
  readonly x: number
  readonly height: number
  readonly title: string
  readonly kind: string
}

/** Strokes on a line. */
export function stems(label: string, list: readonly Stem[]): ComponentChild {
  const [width, height, margin] = [1000, 40, 6]
  const strokes = list.map(({ key, x, height: part, title, kind }) => {
    const at = margin + x * (width - 2 * margin)
    const d = `M${at} ${height} V${height - Math.max(0.12, part) * (height - 2)}`
    return h('path', { key, d, class: kind }, h('title', null, title))
  })
  const ground = h('path', { d: `M0 ${height} H${width}`, class: 'ground' })
  return h(
    'svg',
    { ...stretched(width, height), class: 'stems', 'aria-label': label },
    ground,
    strokes,
  )
}

/** A bar from one place to another, both from 0 to 1, with marks on it. */
export function span(
  label: string,
  to: number,
  marks: readonly number[],
  kind: string,
): ComponentChild {
  return h(
    'svg',
    { ...stretched(1000, 10), class: 'bar', 'aria-label': label },
    h('rect', { width: 1000, height: 10, class: 'track' }),
    h('rect', { width: Math.max(4, to * 1000), height: 10, class: kind }),
    marks.map((at) => h('path', { key: at, d: `M${at * 1000} 0 V10`, class: 'notch' })),
  )
}

/** A picture without text in it, as wide as there is room. */
function stretched(width: number, height: number) {
  return { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img' } as const
}
