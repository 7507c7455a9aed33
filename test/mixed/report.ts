import type { SoakResult } from '../soak/soak.ts'
import type { Trend } from './flat.ts'
import type { MixedStory } from './mixed.ts'
import type { Reading } from './reading.ts'

/** Tables of what was done, of what happened meanwhile, and of what the daemons took. */
export function tablesOf(story: MixedStory): Pick<SoakResult, 'head' | 'rows' | 'more'> {
  return { ...operationsOf(story), more: [happeningsOf(story), trendsOf(story)] }
}

function operationsOf({ operations }: MixedStory) {
  const rows = operations.map(({ kind, count, bytes, excused, totalMs, longestMs }) => [
    kind,
    `${count}`,
    bytesText(bytes),
    `${excused}`,
    (totalMs / Math.max(count, 1)).toFixed(1),
    `${longestMs}`,
  ])
  const sum = (of: (one: MixedStory['operations'][number]) => number) =>
    operations.reduce((all, one) => all + of(one), 0)
  const [times, broken] = [sum(({ count }) => count), sum(({ excused }) => excused)]
  const all = ['all', `${times}`, bytesText(sum(({ bytes }) => bytes)), `${broken}`, '', '']
  const head = ['operation', 'times', 'bytes', 'broken off', 'mean ms', 'longest ms']
  return { head, rows: [...rows, all] }
}

/** The last that each life of the writer said, together. */
function storedBy(readings: readonly Reading[]) {
  const lives = Map.groupBy(readings, ({ side, life }) => `${side} ${life}`)
  const last = [...lives.values()].map((life) => life.at(-1)!)
  const sum = (of: (reading: Reading) => number) => last.reduce((all, one) => all + of(one), 0)
  return [
    ['commits', `${sum(({ commits }) => commits)}`],
    ['small changes into the manifest', `${sum(({ appends }) => appends)}`],
    ['stored in packs', bytesText(sum(({ uploaded }) => uploaded))],
  ]
}

function happeningsOf({ happened, refusals, failures, readings }: MixedStory) {
  const rows = [...happened.keys()].sort().map((kind) => [kind, `${happened.get(kind)}`])
  return {
    head: ['meanwhile', 'times'],
    rows: [
      ...rows,
      ...storedBy(readings),
      ['refused while too many nodes were bad', `${refusals}`],
      ['wrong', `${failures.length}`],
    ],
  }
}

function trendsOf({ trends }: MixedStory) {
  const head = ['daemon', 'minutes', 'first quarter', 'second', 'last', 'peak', 'flat']
  return { head, rows: trends.map(rowOf) }
}

function rowOf(trend: Trend): string[] {
  const { side, life, name, minutes, first, second, last, peak, isFlat } = trend
  const text = (value: number) => (value > 1 << 16 ? bytesText(value) : `${value}`)
  const verdict = isFlat === undefined ? 'too short' : isFlat ? 'yes' : 'NO'
  const numbers = [first, second, last, peak].map(text)
  return [`${side} ${life}: ${name}`, minutes.toFixed(1), ...numbers, verdict]
}

function bytesText(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
