import { extendLines, linesPerStep } from './line-steps.ts'
import { bandColumns, windowStep } from './scratch.ts'
import type { ColumnsTask, EncodePlan, RootTask, RowRootsTask } from './task.ts'
import type { Workspace } from './workspace.ts'

const hashBytes = 32
const pairBytes = 64

/** Nodes of a row that the bands leave. */
export function bandsOf(shards: number): number {
  return Math.ceil(shards / bandColumns(shards))
}

/** Columns [first, end) of a band, all of them systematic or all recovery ones. */
interface Part {
  readonly plan: EncodePlan
  readonly bandFirst: number
  readonly first: number
  readonly end: number
}

/** Points the kernel at the part's columns. */
function aimAt(space: Workspace, { plan, bandFirst, first }: Part): void {
  const { kernel, shards } = space
  const { symbolBytes, columns, rows } = plan
  const isSystematic = first < columns
  if (isSystematic) {
    kernel.setSource(plan.blob + first * symbolBytes, columns * symbolBytes, symbolBytes)
  } else {
    const at = plan.recoveryColumns + (first - columns) * rows * symbolBytes
    kernel.setSource(at, symbolBytes, rows * symbolBytes)
  }
  if (isSystematic && plan.recoveryRows !== 0) {
    const at = plan.recoveryRows + first * symbolBytes
    kernel.setTarget(at, columns * symbolBytes, symbolBytes, false)
  } else {
    kernel.setTarget(space.at('window'), windowStep, symbolBytes, true)
  }
  const leaves = space.at('leaves') + (first - bandFirst) * shards * hashBytes
  kernel.setLeaves(plan.hashes === 0 ? 0 : leaves, shards * hashBytes, space.at('states'))
}

/** The tree of one column, whose leaves are complete. */
function rootColumn(space: Workspace, { plan, bandFirst }: Part, column: number): void {
  const { shards } = space
  const leaves = space.at('leaves') + (column - bandFirst) * shards * hashBytes
  const out = plan.hashes + (shards - 1 - column) * pairBytes + hashBytes
  space.kernel.merkleRoot(leaves, shards, space.at('nodes'), out, plan.filledRows, plan.rows)
}

function* partSteps(space: Workspace, part: Part): Generator<void, void> {
  const { plan, first, end } = part
  const hashed = plan.hashes !== 0
  const shape = { symbolBytes: plan.symbolBytes, hashed }
  aimAt(space, part)
  const together = linesPerStep(space, shape)
  for (let column = first; column < end; column += together) {
    const count = Math.min(together, end - column)
    yield* extendLines(space, shape, column - first, count)
    if (hashed) for (let k = 0; k < count; k++) rootColumn(space, part, column + k)
    yield
  }
}

/** The band's part of the trees of rows [first, end): one node each. */
function raiseRows(
  space: Workspace,
  plan: EncodePlan,
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

/** Extends a band's columns down and hashes them. Without hashes only systematic columns leave anything behind. */
export function* columnsSteps(
  space: Workspace,
  { plan, band }: ColumnsTask,
): Generator<void, void> {
  const { shards, columns, rows, filledRows } = plan
  const wide = bandColumns(shards)
  const bandFirst = band * wide
  const end = Math.min(bandFirst + wide, shards)
  const border = Math.min(Math.max(columns, bandFirst), end)
  space.setCode('secondary', plan.symbolBytes, filledRows)
  yield* partSteps(space, { plan, bandFirst, first: bandFirst, end: border })
  if (plan.hashes === 0) return
  yield* partSteps(space, { plan, bandFirst, first: border, end })
  raiseRows(space, plan, band, 0, filledRows)
  yield
  raiseRows(space, plan, band, rows, shards)
}

/** Finishes the trees of rows [first, end). */
export function* rowRootsSteps(
  space: Workspace,
  { plan, first, end }: RowRootsTask,
): Generator<void, void> {
  const bands = bandsOf(space.shards)
  for (let row = first; row < end; row++) {
    const isZero = row >= plan.filledRows && row < plan.rows
    const nodes = plan.subtrees + row * bands * hashBytes
    const out = plan.hashes + row * pairBytes
    if (!isZero) space.kernel.merkleRoot(nodes, bands, space.at('nodes'), out, 0, 0)
    if (row % 256 === 0) yield
  }
}

/** All rows past the blob's end have the same tree, over n leaves of zero symbols. */
function rootZeroRows(space: Workspace, plan: EncodePlan): void {
  const { kernel, bytes, shards } = space
  const [leaves, zeroLeaf] = [space.at('leaves'), space.at('equalNodes')]
  bytes.copyWithin(leaves + (shards - 1) * hashBytes, zeroLeaf, zeroLeaf + hashBytes)
  const first = plan.hashes + plan.filledRows * pairBytes
  kernel.merkleRoot(leaves, shards, space.at('nodes'), first, 0, shards)
  for (let row = plan.filledRows + 1; row < plan.rows; row++) {
    bytes.copyWithin(plan.hashes + row * pairBytes, first, first + hashBytes)
  }
}

/** The tree over all pairs; its root is put behind their hashes. */
export function* rootSteps(space: Workspace, { plan }: RootTask): Generator<void, void> {
  const { kernel, shards } = space
  space.setCode('secondary', plan.symbolBytes)
  if (plan.filledRows < plan.rows) rootZeroRows(space, plan)
  yield
  const leaves = space.at('leaves')
  kernel.hashMessages(plan.hashes, shards, pairBytes, leaves)
  const out = plan.hashes + shards * pairBytes
  kernel.merkleRoot(leaves, shards, space.at('nodes'), out, 0, 0)
}
