import type { Reading } from './reading.ts'

/** A number that must not grow while a daemon lives, and by how much it may vary. */
export interface FlatRule {
  readonly name: string
  readonly of: (reading: Reading) => number
  /** Which of its readings stands for a quarter of a life: the share of the others that lies below it. */
  readonly quantile: number
  /** So much more is no growth. */
  readonly share: number
  readonly slack: number
}

/** What became of a number from the second quarter of a life to its last one, at its rule's quantile. */
export interface Trend {
  readonly side: string
  readonly life: number
  readonly name: string
  readonly first: number
  readonly second: number
  readonly last: number
  readonly peak: number
  readonly minutes: number
  /** Undefined where the life was too short to say. */
  readonly isFlat: boolean | undefined
}

const mebibyte = 1 << 20

/**
 * Memory is looked at in its troughs: between two collections it rises by as much as the load of the moment makes, and what is
 * never given back lifts what is left after them. Descriptors come and go with the requests under way.
 */
const troughs = 0.25
const middle = 0.5

export const flatRules: readonly FlatRule[] = [
  {
    name: 'resident',
    of: ({ resident }) => resident,
    quantile: troughs,
    share: 0.15,
    slack: 32 * mebibyte,
  },
  {
    name: 'anonymous',
    of: ({ anonymous }) => anonymous,
    quantile: troughs,
    share: 0.15,
    slack: 32 * mebibyte,
  },
  {
    name: 'descriptors',
    of: ({ descriptors }) => descriptors,
    quantile: middle,
    share: 0.1,
    slack: 10,
  },
  { name: 'sockets', of: ({ sockets }) => sockets, quantile: middle, share: 0.25, slack: 15 },
  { name: 'threads', of: ({ threads }) => threads, quantile: middle, share: 0, slack: 4 },
]

/** With fewer readings in a quarter nothing can be said. */
const leastReadings = 8

/** Each number's trend in each life. Readings are in the order of time. */
export function trendsOf(
  readings: readonly Reading[],
  judgedMinutes: number,
  rules = flatRules,
): Trend[] {
  const lives = Map.groupBy(readings, ({ side, life }) => `${side} ${life}`)
  return [...lives.values()].flatMap((life) =>
    rules.map((rule) => trendOf(life, rule, judgedMinutes)),
  )
}

function trendOf(life: readonly Reading[], rule: FlatRule, judgedMinutes: number): Trend {
  const { side, life: number } = life[0]!
  const values = life.map(rule.of)
  const quarter = values.length / 4
  const part = (from: number, to: number) =>
    quantileOf(values.slice(Math.floor(from * quarter), Math.ceil(to * quarter)), rule.quantile)
  const [first, second, last] = [part(0, 1), part(1, 2), part(3, 4)]
  const minutes = (life.at(-1)!.atMs - life[0]!.atMs) / 60_000
  const isJudged = minutes >= judgedMinutes && quarter >= leastReadings
  const isFlat = isJudged ? last <= second * (1 + rule.share) + rule.slack : undefined
  const peak = Math.max(...values)
  return { side, life: number, name: rule.name, first, second, last, peak, minutes, isFlat }
}

/**
 * Descriptors when nobody works come back to what they were: what differs, for people. Not counted are sockets, of which a few
 * are kept for each storage node for some seconds, and a life's first rest, when its cache, a file for each of its parts, is not full.
 */
export function descriptorsLeft(readings: readonly Reading[], slack = 8): string[] {
  const resting = readings.filter(({ isResting }) => isResting)
  const lives = Map.groupBy(resting, ({ side, life }) => `${side} ${life}`)
  return [...lives].flatMap(([name, [, before, ...more]]) => {
    const after = more.at(-1)
    if (!before || !after || filesOf(after) <= filesOf(before) + slack) return []
    return [
      `${name}: ${filesOf(after)} descriptors at rest beside sockets, and ${filesOf(before)} at an earlier one`,
    ]
  })
}

function filesOf({ descriptors, sockets }: Reading): number {
  return descriptors - sockets
}

export function median(values: readonly number[]): number {
  return quantileOf(values, middle)
}

function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length * quantile)] ?? 0
}
