import { extendNs, hashedLineNs, partEnd, perStep } from './cost.ts'
import type { Workspace } from './workspace.ts'

/** Lines of one kind, as the kernel has just been set to. */
export interface LineShape {
  readonly symbolBytes: number
  readonly hashed: boolean
}

function lineNs(space: Workspace, { symbolBytes, hashed }: LineShape): number {
  const ns = hashed ? hashedLineNs : extendNs
  return ns(space.shards, symbolBytes)
}

/** Lines that are extended in one step. */
export function linesPerStep(space: Workspace, shape: LineShape): number {
  return perStep(lineNs(space, shape))
}

/** Extends lines, yielding between the parts of long ones. */
export function* extendLines(
  space: Workspace,
  shape: LineShape,
  line: number,
  count: number,
): Generator<void, void> {
  const { symbolBytes } = shape
  for (let from = 0; from < symbolBytes;) {
    const to = partEnd(symbolBytes, count * lineNs(space, shape), from)
    space.kernel.extendLines(line, count, from, to)
    from = to
    yield
  }
}
