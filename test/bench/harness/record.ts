import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os'
import { join, resolve } from 'node:path'
import { median } from '../../../src/cli/bench/report.ts'
import { floorRatioOf, isCompared, isReached, ratioOf } from './comparison.ts'
import type { Comparison, Row } from './comparison.ts'

const checkout = resolve(import.meta.dirname, '../../..')

/** What was measured, where and of which version. */
export interface BenchRecord {
  readonly version: string
  /** Of git; with a plus where the checkout had changes. */
  readonly commit: string | undefined
  readonly date: string
  readonly machine: {
    readonly kernel: string
    readonly cpu: string
    readonly processors: number
    readonly memoryBytes: number
    readonly node: string
    /** Of the last minute, when the benches had run. */
    readonly load: number
  }
  readonly rows: readonly unknown[]
}

export function recordOf(rows: readonly Row[]): BenchRecord {
  const processors = cpus()
  return {
    version: version(),
    commit: commit(),
    date: new Date().toISOString(),
    machine: {
      kernel: `${type()} ${release()} ${arch()}`,
      cpu: processors[0]?.model ?? 'unknown',
      processors: processors.length,
      memoryBytes: totalmem(),
      node: process.version,
      load: loadavg()[0]!,
    },
    rows: rows.map((row) => (isCompared(row) ? { ...row, ...figures(row) } : row)),
  }
}

function figures(row: Comparison) {
  const [ratio, floorRatio, isGoalReached] = [ratioOf(row), floorRatioOf(row), isReached(row)]
  const medians = { ours: median(row.ours), theirs: median(row.theirs) }
  return { median: medians, ratio, floorRatio, isGoalReached }
}

/** Keeps the record, and the plot of its ratios, as those of this version. */
export function keep(record: BenchRecord, svg: string): void {
  const directory = join(import.meta.dirname, '../results')
  mkdirSync(directory, { recursive: true })
  const text = `${JSON.stringify(record, undefined, 2)}\n`
  writeFileSync(join(directory, `${record.version}.json`), text)
  writeFileSync(join(directory, `${record.version}.svg`), svg)
}

function version(): string {
  const text = readFileSync(join(checkout, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

function commit(): string | undefined {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: checkout, encoding: 'utf8' })
  const { status, stdout } = git('rev-parse', '--short=12', 'HEAD')
  if (status !== 0) return undefined
  return stdout.trim() + (git('status', '--porcelain').stdout ? '+' : '')
}
