import type { Slice } from '../tree/slice.ts'
import type { StateHistory } from './history-of-state.ts'

/** The slices whose bytes a journal's changes show: those written, and those of inodes that are stated as a whole. */
export function* namedSlices({ before, after }: StateHistory): Generator<Slice> {
  for (const changes of [before, after]) {
    for (const change of changes) {
      if (change.type === 'write') yield change.slice
      if (change.type !== 'inode') continue
      for (const { source } of change.inode.extents?.all() ?? []) {
        if (source.kind === 'slice') yield source.slice
      }
    }
  }
}
