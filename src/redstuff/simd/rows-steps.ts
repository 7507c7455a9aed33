import { readExactly } from './file-pieces.ts'
import { extendLines, linesPerStep } from './line-steps.ts'
import type { EncodePlan, FilePart, RowsTask } from './task.ts'
import type { Workspace } from './workspace.ts'

/** Brings rows [first, end) into the arena; what lies past the blob's end in its last row becomes zero. */
function readRows(
  space: Workspace,
  plan: EncodePlan,
  file: FilePart,
  first: number,
  end: number,
): void {
  const rowBytes = plan.columns * plan.symbolBytes
  const [from, to] = [first * rowBytes, Math.min(end * rowBytes, plan.length)]
  const { bytes } = space
  readExactly(file.descriptor, file.offset + from, bytes.subarray(plan.blob + from, plan.blob + to))
  bytes.fill(0, plan.blob + to, plan.blob + end * rowBytes)
}

/** Extends systematic rows to the right, into the recovery columns. */
export function* rowsSteps(space: Workspace, task: RowsTask): Generator<void, void> {
  const { plan, first, end, file } = task
  const { symbolBytes, columns, rows } = plan
  const shape = { symbolBytes, hashed: false }
  space.setCode('primary', symbolBytes)
  space.kernel.setSource(plan.blob, symbolBytes, columns * symbolBytes)
  space.kernel.setTarget(plan.recoveryColumns, rows * symbolBytes, symbolBytes, false)
  space.kernel.setLeaves(0, 0, 0)
  const together = linesPerStep(space, shape)
  for (let row = first; row < end; row += together) {
    const count = Math.min(together, end - row)
    if (file) readRows(space, plan, file, row, row + count)
    yield* extendLines(space, shape, row, count)
  }
}
