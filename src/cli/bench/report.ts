import { bytesText } from '../../daemon/quantity.ts'
import { perSecond } from './amount.ts'
import type { Amount } from './amount.ts'
import { measures } from './round.ts'
import type { Measure, Round, Sizes } from './round.ts'
import type { Rounds } from './rounds.ts'

/** One measure of one or two directories. */
export interface Line {
  readonly measure: Measure
  readonly title: string
  readonly unit: string
  /** Whether higher or lower numbers are better. */
  readonly better: 'higher' | 'lower'
  /** What each round did, in the directory and in the one to compare with. */
  readonly rounds: readonly Amount[]
  readonly againstRounds?: readonly Amount[]
  /** In the unit, the median of the rounds. */
  readonly value: number
  readonly against?: number
  /** How many times better the first directory is. */
  readonly ratio?: number
}

type Kind = Pick<Line, 'unit' | 'better'> & { readonly of: (amount: Amount) => number }

const throughput: Kind = { unit: 'MB/s', better: 'higher', of: (one) => perSecond(one) / 1e6 }
const files: Kind = { unit: 'files/s', better: 'higher', of: perSecond }
const kinds: Readonly<Record<Measure, Kind>> = {
  write: throughput,
  readCached: throughput,
  readUncached: throughput,
  randomRead: { unit: 'reads/s', better: 'higher', of: perSecond },
  create: files,
  stat: files,
  list: files,
  delete: files,
  fsync: { unit: 'ms', better: 'lower', of: ({ count, seconds }) => (1e3 * seconds) / count },
}

function titles({ fileBytes, files, fsyncs }: Sizes): Readonly<Record<Measure, string>> {
  const size = bytesText(fileBytes)
  return {
    write: `write ${size} until close`,
    readCached: `read ${size} again, as the kernel caches it`,
    readUncached: `read ${size}, not in the page cache`,
    randomRead: 'read 4 KiB at random places, not in the page cache',
    create: `create ${files} files of 4 KiB`,
    stat: `stat of ${files} files`,
    list: `list ${files} files with attributes`,
    delete: `delete ${files} files`,
    fsync: `fsync after 4 KiB, mean of ${fsyncs}`,
  }
}

/** The rounds of one directory, or of two, as lines. Measures that the system cannot make are left out. */
export function linesOf([ours = [], theirs]: Rounds, sizes: Sizes): Line[] {
  const titleOf = titles(sizes)
  return measures.flatMap((measure) => {
    const { unit, better, of } = kinds[measure]
    const rounds = amountsOf(ours, measure)
    if (!rounds.length) return []
    const value = median(rounds.map(of))
    const line = { measure, title: titleOf[measure], unit, better, rounds, value }
    if (!theirs) return [line]
    const againstRounds = amountsOf(theirs, measure)
    const against = median(againstRounds.map(of))
    const ratio = better === 'higher' ? value / against : against / value
    return [{ ...line, againstRounds, against, ratio }]
  })
}

function amountsOf(rounds: readonly Round[], measure: Measure): Amount[] {
  return rounds.flatMap((round) => round[measure] ?? [])
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The lines as a table for people. */
export function tableOf(lines: readonly Line[], directories: readonly string[]): string[] {
  const isCompared = directories.length > 1
  const head = ['', directories[0]!, ...(isCompared ? [directories[1]!, 'ratio'] : [])]
  const rows = lines.map(({ title, unit, value, against, ratio }) => {
    const cells = [title, `${shown(value)} ${unit}`]
    if (against === undefined || ratio === undefined) return cells
    return [...cells, `${shown(against)} ${unit}`, `${shown(ratio)}×`]
  })
  return aligned([head, ...rows])
}

/** A number with about three digits that say something. */
export function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toPrecision(2)
}

/** Columns of equal width; those that are named, by number, to the left, the others to the right. */
export function aligned(
  rows: readonly (readonly string[])[],
  left: readonly number[] = [0],
): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const cell = (text: string, column: number): string =>
    left.includes(column) ? text.padEnd(widths[column]!) : text.padStart(widths[column]!)
  return rows.map((row) => row.map(cell).join('  ').trimEnd())
}
