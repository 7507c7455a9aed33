import type { StandingTree } from '../inline/standing-tree.ts'
import type { MergeContext } from './merge-context.ts'

/**
 * Directories that records of the manifest left without a name, and that their tree shows so, too: nothing differs there, and
 * what the committed tree below the records had in them is not to be looked up any more.
 */
export function leaveEmptied({ state, theirs }: MergeContext, before: StandingTree): void {
  for (const { ino, names } of state.appended.names.keys()) {
    const isEmpty = before.nodes.has(ino) && before.nodes.get(ino) === undefined
    if (!names || !isEmpty || theirs.inode(ino)) continue
    names.stored = undefined
    names.complete = true
  }
}
