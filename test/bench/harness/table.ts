import { aligned, median, shown } from '../../../src/cli/bench/report.ts'
import { floorRatioOf, hasFailed, isCompared, isReached, isSkipped, ratioOf } from './comparison.ts'
import type { Comparison, Row } from './comparison.ts'

/** The rows as a table for people, and below it what was skipped and why. */
export function tableOf(rows: readonly Row[]): string {
  const head = ['measure', 'walrusfs', 'theirs', 'against', 'ratio', 'goal', '', 'floor']
  const compared = rows.filter(isCompared)
  const lines = compared.length ? aligned([head, ...compared.map(cellsOf)], [0, 3, 6, 7]) : []
  const skipped = rows
    .filter(isSkipped)
    .map(({ measure, against, skipped }) => `skipped: ${measure}, against ${against}: ${skipped}`)
  const failed = rows.filter(hasFailed).map(({ measure, error }) => `FAILED: ${measure}: ${error}`)
  return [...lines, ...skipped, ...failed].join('\n')
}

/** `7 of 9 goals reached`. */
export function goalsOf(rows: readonly Row[]): string {
  const goals = rows.filter(isCompared).flatMap((row) => isReached(row) ?? [])
  return `${goals.filter(Boolean).length} of ${goals.length} goals reached`
}

function cellsOf(row: Comparison): string[] {
  const { measure, against, unit, ours, theirs, goal, floor } = row
  const reached = isReached(row)
  return [
    measure,
    `${shown(median(ours))} ${unit}`,
    `${shown(median(theirs))} ${unit}`,
    against,
    `${shown(ratioOf(row))}×`,
    goal === undefined ? '' : `≥ ${shown(goal)}×`,
    reached === undefined ? '' : reached ? 'reached' : 'MISSED',
    floor ? `${shown(floorRatioOf(row)!)}× (${floor.what})` : '',
  ]
}
