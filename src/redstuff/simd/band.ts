import { bandColumns } from './scratch.ts'
import type { TreePlan } from './task.ts'
import type { Workspace } from './workspace.ts'

export const hashBytes = 32
export const pairBytes = 64

/** Nodes of a row that the bands leave. */
export function bandsOf(shards: number): number {
  return Math.ceil(shards / bandColumns(shards))
}

/** Columns [first, end) of a band, all of them systematic or all recovery ones. */
export interface BandPart {
  readonly isSystematic: boolean
  /** First column of the band. */
  readonly bandFirst: number
  readonly first: number
  readonly end: number
}

/** The parts of a band, which may be empty: systematic columns, then recovery ones. */
export function bandParts(plan: TreePlan, band: number): [BandPart, BandPart] {
  const { shards, columns } = plan
  const wide = bandColumns(shards)
  const bandFirst = band * wide
  const end = Math.min(bandFirst + wide, shards)
  const border = Math.min(Math.max(columns, bandFirst), end)
  return [
    { isSystematic: true, bandFirst, first: bandFirst, end: border },
    { isSystematic: false, bandFirst, first: border, end },
  ]
}

/** Where the leaves of a column go. */
export function leavesOf(space: Workspace, { bandFirst }: BandPart, column: number): number {
  return space.at('leaves') + (column - bandFirst) * space.shards * hashBytes
}

/** The trees of columns whose leaves are complete. */
export function rootColumns(
  space: Workspace,
  plan: TreePlan,
  part: BandPart,
  first: number,
  count: number,
): void {
  const { kernel, shards } = space
  for (let column = first; column < first + count; column++) {
    const out = plan.hashes + (shards - 1 - column) * pairBytes + hashBytes
    const leaves = leavesOf(space, part, column)
    kernel.merkleRoot(leaves, shards, space.at('nodes'), out, plan.filledRows, plan.rows)
  }
}

/** The band's part of the trees of rows [first, end): one node each. */
function raiseRows(
  space: Workspace,
  plan: TreePlan,
  band: number,
  first: number,
  end: number,
): void {
  if (first >= end) return
  const { kernel, shards } = space
  const wide = bandColumns(shards)
  const columns = Math.min(wide, shards - band * wide)
  const nodes = space.at('leaves') + first * hashBytes
  const count = end - first
  kernel.raiseColumns(nodes, shards * hashBytes, columns, count, Math.log2(wide))
  const step = bandsOf(shards) * hashBytes
  kernel.scatterHashes(nodes, count, plan.subtrees + first * step + band * hashBytes, step)
}

/** The band's part of all rows' trees, but of those that are zero. */
export function* raiseBand(space: Workspace, plan: TreePlan, band: number): Generator<void, void> {
  raiseRows(space, plan, band, 0, plan.filledRows)
  yield
  raiseRows(space, plan, band, plan.rows, plan.shards)
}
