import type { NodeReader } from '../btree/node-reader.ts'
import { Pace } from '../pace.ts'
import type { StandingTree } from '../inline/standing-tree.ts'
import { noting, run } from '../steps.ts'
import type { Steps } from '../steps.ts'
import type { ConflictNaming, RebaseResult } from '../worktree-api.ts'
import { Touched } from '../worktree/touched.ts'
import { treePath } from '../worktree/tree-path.ts'
import type { TreeState } from '../worktree/tree-state.ts'
import { takeAppended } from './apply-appended.ts'
import { takeCounts } from './apply-counts.ts'
import { takeNames } from './apply-names.ts'
import { takeRecords } from './apply-records.ts'
import { leaveEmptied } from './apply-emptied.ts'
import { cleanAll, touchAll } from './apply-touched.ts'
import { withNames } from './changed-files.ts'
import { nameBeside } from './conflict-names.ts'
import type { PlacedBeside } from './conflict-names.ts'
import { Lookups } from './lookups.ts'
import { MergeContext } from './merge-context.ts'
import { DirectoryMerger } from './merge-directories.ts'
import { NameMerger } from './merge-names.ts'
import { OurChanges } from './our-changes.ts'
import { TheirChanges } from './their-changes.ts'

/** The tree under our changes, and the one that is to be under them. */
export interface RebaseSides {
  readonly before: StandingTree
  readonly after: StandingTree
}

/**
 * Lays our changes over another tree than the one they were made on. All that is needed is read first; changes may be
 * made meanwhile. Then, in a turn in which nothing had to be waited for, it is decided, carried out and told to `onRebased`.
 */
export async function rebase(
  state: TreeState,
  reader: NodeReader,
  sides: RebaseSides,
  naming: ConflictNaming,
  onRebased: () => void,
): Promise<RebaseResult> {
  const { before, after } = sides
  if (!after.record) throw new Error('a drive with a tree has none any more')
  let gone = new Set<number>()
  const isHeld = (ino: number) => state.inodes.has(ino) || gone.has(ino)
  const theirs = new TheirChanges(reader, before.record, after.record, isHeld)
  const lookups = new Lookups(reader)
  let pace: Pace | undefined = new Pace()
  for (;;) {
    gone = new Set([...state.touched.names.keys()].map(({ ino }) => ino))
    const read = run(theirs.advance())
    if (read instanceof Promise) {
      await read
      continue
    }
    const ours = new OurChanges(state, before, lookups, theirs, pace)
    const beside = run(plan(state, theirs, ours, naming))
    if (beside instanceof Promise) {
      await beside
      pace = undefined
      continue
    }
    const result = carryOut(new MergeContext(state, theirs, ours, beside), sides)
    onRebased()
    return result
  }
}

/** What is named again may change what directories stay, and that what is named; more than a few rounds were never seen. */
const maxRounds = 100

/** What had to be waited for makes the plan worthless: it is made once more, with all that was read. */
function* plan(
  state: TreeState,
  theirs: TheirChanges,
  ours: OurChanges,
  naming: ConflictNaming,
): Steps<PlacedBeside[]> {
  let isStale = false
  const onWait = () => (isStale = true)
  const names = new NameMerger(state, theirs, ours)
  const directories = new DirectoryMerger(state, theirs, ours)
  yield* noting(ours.collect(), onWait)
  yield* noting(names.decide(), onWait)
  if (isStale) return []
  names.settle()
  directories.settle()
  for (let rounds = 0; rounds < maxRounds && names.nameEdited(); rounds++) directories.settle()
  names.renewKept()
  return yield* nameBeside(ours, naming)
}

function carryOut(merge: MergeContext, { before, after }: RebaseSides): RebaseResult {
  const { state, beside, changed, names } = merge
  leaveEmptied(merge, before)
  cleanAll(state.touched)
  cleanAll(state.appended)
  state.touched = new Touched()
  state.appended = new Touched()
  takeRecords(merge)
  takeNames(merge)
  takeCounts(merge)
  touchAll(merge)
  state.base = after.base
  state.inline = after.inline
  if (after.state) takeAppended(state, after.state)
  state.generation++
  state.countSlices()
  const conflicts = beside.map(({ directory, as }) => treePath(directory, as))
  const changedFiles = withNames(state, merge.changedFiles)
  return { inodes: [...changed], names, changedFiles, conflicts }
}
