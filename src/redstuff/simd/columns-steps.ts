import { bandParts, hashBytes, leavesOf, raiseBand, rootColumns } from './band.ts'
import type { BandPart } from './band.ts'
import { extendLines, linesPerStep } from './line-steps.ts'
import { windowStep } from './scratch.ts'
import type { ColumnsTask, EncodePlan } from './task.ts'
import type { Workspace } from './workspace.ts'

/** Points the kernel at the part's columns. */
function aimAt(space: Workspace, plan: EncodePlan, part: BandPart): void {
  const { kernel, shards } = space
  const { symbolBytes, columns, rows } = plan
  const { first, isSystematic } = part
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
  const leaves = plan.hashes === 0 ? 0 : leavesOf(space, part, first)
  kernel.setLeaves(leaves, shards * hashBytes, space.at('states'))
}

function* partSteps(space: Workspace, plan: EncodePlan, part: BandPart): Generator<void, void> {
  const hashed = plan.hashes !== 0
  const shape = { symbolBytes: plan.symbolBytes, hashed }
  aimAt(space, plan, part)
  const together = linesPerStep(space, shape)
  for (let column = part.first; column < part.end; column += together) {
    const count = Math.min(together, part.end - column)
    yield* extendLines(space, shape, column - part.first, count)
    if (hashed) rootColumns(space, plan, part, column, count)
    yield
  }
}

/** Extends a band's columns down and hashes them. Without hashes only systematic columns leave anything behind. */
function* bandSteps(space: Workspace, plan: EncodePlan, band: number): Generator<void, void> {
  const [systematic, recovery] = bandParts(plan, band)
  yield* partSteps(space, plan, systematic)
  if (plan.hashes === 0) return
  yield* partSteps(space, plan, recovery)
  yield* raiseBand(space, plan, band)
}

export function* columnsSteps(
  space: Workspace,
  { plan, first, end }: ColumnsTask,
): Generator<void, void> {
  space.setCode('secondary', plan.symbolBytes, plan.filledRows)
  for (let band = first; band < end; band++) yield* bandSteps(space, plan, band)
}
