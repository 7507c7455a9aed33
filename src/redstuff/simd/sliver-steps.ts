import { extendLines, linesPerStep } from './line-steps.ts'
import { linesAtOnce, windowStep } from './scratch.ts'
import type { LineTask, SliverHashesTask } from './task.ts'
import type { Workspace } from './workspace.ts'

const hashBytes = 32

/** The hashes of whole slivers: each is extended along itself, and a tree built over its n symbols. */
export function* sliverHashesSteps(
  space: Workspace,
  task: SliverHashesTask,
): Generator<void, void> {
  const { axis, symbolBytes, step, end } = task
  const { kernel, shards } = space
  const shape = { symbolBytes, hashed: true }
  const leaves = space.at('leaves')
  space.setCode(axis, symbolBytes)
  kernel.setTarget(space.at('window'), windowStep, symbolBytes, true)
  kernel.setLeaves(leaves, shards * hashBytes, space.at('states'))
  const together = Math.min(linesAtOnce(shards), linesPerStep(space, shape))
  for (let first = task.first; first < end; first += together) {
    const count = Math.min(together, end - first)
    kernel.setSource(task.slivers + first * step, symbolBytes, step)
    yield* extendLines(space, shape, 0, count)
    for (let k = 0; k < count; k++) {
      const own = leaves + k * shards * hashBytes
      const out = task.out + (first + k) * hashBytes
      kernel.merkleRoot(own, shards, space.at('nodes'), out, 0, 0)
    }
  }
}

/** All n symbols of one sliver's line, and their leaf hashes. */
export function* lineSteps(space: Workspace, task: LineTask): Generator<void, void> {
  const { axis, symbolBytes } = task
  const { kernel } = space
  space.setCode(axis, symbolBytes)
  kernel.setSource(task.sliver, symbolBytes, 0)
  kernel.setTarget(task.recoveries, symbolBytes, 0, false)
  kernel.setLeaves(task.leaves, 0, space.at('states'))
  yield* extendLines(space, { symbolBytes, hashed: task.leaves !== 0 }, 0, 1)
}
