import { bandParts, hashBytes, leavesOf, raiseBand, rootColumns } from './band.ts'
import type { BandPart } from './band.ts'
import { readExactly, writeFully } from './file-pieces.ts'
import { extendLines, linesPerStep } from './line-steps.ts'
import { windowStep } from './scratch.ts'
import type { StreamColumnsTask, StreamPlan, StreamRowsTask } from './task.ts'
import type { Workspace } from './workspace.ts'

/** Bytes that are read or written between two looks for other work. */
const stepBytes = 1 << 20

/** Pieces of equal length, evenly apart in a file and in memory. */
interface Pieces {
  readonly descriptor: number
  readonly position: number
  readonly positionStep: number
  readonly at: number
  readonly atStep: number
  readonly count: number
  readonly bytes: number
}

function* movePieces(
  space: Workspace,
  pieces: Pieces,
  move: (descriptor: number, position: number, bytes: Uint8Array) => void,
): Generator<void, void> {
  const { descriptor, position, positionStep, at, atStep, count, bytes } = pieces
  for (let k = 0, moved = 0; k < count; k++) {
    const from = at + k * atStep
    move(descriptor, position + k * positionStep, space.bytes.subarray(from, from + bytes))
    moved += bytes
    if (moved < stepBytes) continue
    moved = 0
    yield
  }
}

function windowOf(space: Workspace, plan: StreamPlan): number {
  return plan.windows + space.worker * plan.windowBytes
}

/** Rows [first, end) of the blob, with zeros past its end. */
function* readRows(
  space: Workspace,
  plan: StreamPlan,
  at: number,
  first: number,
  end: number,
): Generator<void, void> {
  const rowBytes = plan.columns * plan.symbolBytes
  const { descriptor, offset } = plan.source
  for (let row = first; row < end; row++) {
    const into = at + (row - first) * rowBytes
    const bytes = Math.min(rowBytes, plan.length - row * rowBytes)
    const position = offset + row * rowBytes
    readExactly(descriptor, position, space.bytes.subarray(into, into + bytes))
    space.bytes.fill(0, into + bytes, into + rowBytes)
    yield
  }
}

/** Extends rows to the right: the window holds the rows, then the recovery columns' parts. */
export function* streamRowsSteps(
  space: Workspace,
  { plan, first, end }: StreamRowsTask,
): Generator<void, void> {
  const { symbolBytes, columns, rows, shards } = plan
  const rowBytes = columns * symbolBytes
  const count = end - first
  const systematic = windowOf(space, plan)
  const recovery = systematic + count * rowBytes
  const shape = { symbolBytes, hashed: false }
  yield* readRows(space, plan, systematic, first, end)
  space.setCode('primary', symbolBytes)
  space.kernel.setSource(systematic, symbolBytes, rowBytes)
  space.kernel.setTarget(recovery, count * symbolBytes, symbolBytes, false)
  space.kernel.setLeaves(0, 0, 0)
  const together = linesPerStep(space, shape)
  for (let row = 0; row < count; row += together) {
    yield* extendLines(space, shape, row, Math.min(together, count - row))
  }
  const pieces = {
    descriptor: plan.spool.descriptor,
    position: plan.spool.recoveryColumns + first * symbolBytes,
    positionStep: rows * symbolBytes,
    at: recovery,
    atStep: count * symbolBytes,
    count: shards - columns,
    bytes: count * symbolBytes,
  }
  yield* movePieces(space, pieces, writeFully)
}

/** Columns [first, first + count) of a part, of whose rows only those that are filled are read. */
function* readColumns(
  space: Workspace,
  plan: StreamPlan,
  { isSystematic }: BandPart,
  first: number,
  count: number,
): Generator<void, void> {
  const { symbolBytes, columns, rows, filledRows, source, spool, length } = plan
  const at = windowOf(space, plan)
  if (!isSystematic) {
    const position = spool.recoveryColumns + (first - columns) * rows * symbolBytes
    const bytes = filledRows * symbolBytes
    const steps = { positionStep: rows * symbolBytes, atStep: rows * symbolBytes }
    const pieces = { descriptor: spool.descriptor, position, at, count, bytes, ...steps }
    yield* movePieces(space, pieces, readExactly)
    return
  }
  const rowBytes = columns * symbolBytes
  const bytes = count * symbolBytes
  const lastRow = filledRows - 1
  const steps = { positionStep: rowBytes, atStep: bytes }
  const position = source.offset + first * symbolBytes
  const { descriptor } = source
  const pieces = { descriptor, position, at, count: lastRow, bytes, ...steps }
  yield* movePieces(space, pieces, readExactly)
  // The last row may end before these columns, or within them.
  const left = Math.min(bytes, Math.max(0, length - lastRow * rowBytes - first * symbolBytes))
  const into = at + lastRow * bytes
  readExactly(descriptor, position + lastRow * rowBytes, space.bytes.subarray(into, into + left))
  space.bytes.fill(0, into + left, into + bytes)
}

/** Points the kernel at columns that lie in the window; answers where their recovery rows will be. */
function aimAt(
  space: Workspace,
  plan: StreamPlan,
  part: BandPart,
  first: number,
  count: number,
): number {
  const { kernel } = space
  const { symbolBytes, rows, shards } = plan
  const at = windowOf(space, plan)
  const target = at + rows * count * symbolBytes
  if (part.isSystematic) kernel.setSource(at, count * symbolBytes, symbolBytes)
  else kernel.setSource(at, symbolBytes, rows * symbolBytes)
  if (part.isSystematic && plan.spool.recoveryRows !== undefined) {
    kernel.setTarget(target, count * symbolBytes, symbolBytes, false)
  } else {
    kernel.setTarget(space.at('window'), windowStep, symbolBytes, true)
  }
  const leaves = plan.hashes === 0 ? 0 : leavesOf(space, part, first)
  kernel.setLeaves(leaves, shards * hashBytes, space.at('states'))
  return target
}

function* groupSteps(
  space: Workspace,
  plan: StreamPlan,
  part: BandPart,
  first: number,
  count: number,
): Generator<void, void> {
  const { symbolBytes, columns, rows, shards, spool } = plan
  const hashed = plan.hashes !== 0
  const shape = { symbolBytes, hashed }
  yield* readColumns(space, plan, part, first, count)
  const target = aimAt(space, plan, part, first, count)
  const together = linesPerStep(space, shape)
  for (let column = 0; column < count; column += together) {
    const own = Math.min(together, count - column)
    yield* extendLines(space, shape, column, own)
    if (hashed) rootColumns(space, plan, part, first + column, own)
    yield
  }
  if (!part.isSystematic || spool.recoveryRows === undefined) return
  const pieces = {
    descriptor: spool.descriptor,
    position: spool.recoveryRows + first * symbolBytes,
    positionStep: columns * symbolBytes,
    at: target,
    atStep: count * symbolBytes,
    count: shards - rows,
    bytes: count * symbolBytes,
  }
  yield* movePieces(space, pieces, writeFully)
}

/** Extends a band's columns down, as many at a time as the window holds, and hashes them. */
export function* streamColumnsSteps(
  space: Workspace,
  { plan, band }: StreamColumnsTask,
): Generator<void, void> {
  const { shards, symbolBytes } = plan
  const together = Math.max(1, Math.floor(plan.windowBytes / (shards * symbolBytes + 256)))
  space.setCode('secondary', symbolBytes, plan.filledRows)
  for (const part of bandParts(plan, band)) {
    if (!part.isSystematic && plan.hashes === 0) return
    for (let first = part.first; first < part.end; first += together) {
      yield* groupSteps(space, plan, part, first, Math.min(together, part.end - first))
    }
  }
  if (plan.hashes !== 0) yield* raiseBand(space, plan, band)
}
