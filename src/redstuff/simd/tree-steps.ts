import { bandsOf, hashBytes, pairBytes } from './band.ts'
import type { RootTask, RowRootsTask, TreePlan } from './task.ts'
import type { Workspace } from './workspace.ts'

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
function rootZeroRows(space: Workspace, plan: TreePlan): void {
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
