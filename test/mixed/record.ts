import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { svgOf, type Series } from '../bench/plot/plot.ts'
import { median } from './flat.ts'
import type { Reading } from './reading.ts'

const dotsOfALine = 120
type Numeric = Exclude<keyof Reading, 'side' | 'isResting'>

const columns: readonly Exclude<keyof Reading, 'side'>[] = [
  'atMs',
  'life',
  'resident',
  'anonymous',
  'proportional',
  'descriptors',
  'sockets',
  'threads',
  'journal',
  'staging',
  'cacheDisk',
  'cacheMemory',
  'log',
  'dirty',
  'usedInodes',
  'sequence',
  'commits',
  'appends',
  'uploaded',
  'statusMs',
  'isResting',
]

interface Picture {
  readonly file: string
  readonly title: string
  readonly label: string
  readonly numbers: 'bytes' | 'plain'
  readonly lines: readonly Numeric[]
}

const pictures: readonly Picture[] = [
  {
    file: 'memory.svg',
    title: 'Memory of the daemons under mixed load and faults',
    label: 'resident, and anonymous memory',
    numbers: 'bytes',
    lines: ['resident', 'anonymous'],
  },
  {
    file: 'descriptors.svg',
    title: 'Descriptors and threads of the daemons under mixed load and faults',
    label: 'open descriptors, and threads',
    numbers: 'plain',
    lines: ['descriptors', 'threads'],
  },
  {
    file: 'disk.svg',
    title: 'Disk of the daemons under mixed load and faults',
    label: 'journal, staging, cache',
    numbers: 'bytes',
    lines: ['journal', 'staging', 'cacheDisk'],
  },
]

/** Readings as they come, and, where they are to be kept, in a file at once: a soak may be broken off. */
export class Readings {
  readonly all: Reading[] = []
  readonly #file: string | undefined

  /** The directory is made; undefined: nothing is kept. */
  constructor(directory: string | undefined) {
    if (directory === undefined) return
    mkdirSync(directory, { recursive: true })
    this.#file = join(directory, 'readings.csv')
    writeFileSync(this.#file, rowOf(['side', ...columns]))
  }

  add(reading: Reading): void {
    this.all.push(reading)
    if (this.#file === undefined) return
    appendFileSync(this.#file, rowOf([reading.side, ...columns.map((name) => reading[name])]))
  }
}

/** Draws all readings into a directory. */
export async function drawReadings(directory: string, readings: readonly Reading[]): Promise<void> {
  for (const picture of pictures) {
    const svg = await svgOf({
      title: picture.title,
      x: { label: 'minutes' },
      y: { label: picture.label, numbers: picture.numbers },
      series: seriesOf(readings, picture.lines),
    })
    writeFileSync(join(directory, picture.file), svg)
  }
}

function rowOf(cells: readonly unknown[]): string {
  return `${cells.join(',')}\n`
}

function seriesOf(readings: readonly Reading[], lines: readonly Numeric[]): Series[] {
  const sides = [...Map.groupBy(readings, ({ side }) => side)]
  return sides.flatMap(([side, own]) =>
    lines.map((name) => ({ name: `${side}: ${name}`, points: pointsOf(own, name) })),
  )
}

/** Medians of so many stretches of the time, so that lines can be told apart. */
function pointsOf(readings: readonly Reading[], name: Numeric) {
  const step = Math.max(1, Math.ceil(readings.length / dotsOfALine))
  return Array.from({ length: Math.ceil(readings.length / step) }, (_, k) => {
    const some = readings.slice(k * step, (k + 1) * step)
    const x = median(some.map(({ atMs }) => atMs)) / 60_000
    return { x, y: median(some.map((reading) => reading[name])) }
  })
}
