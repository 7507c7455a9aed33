import type { StagingApi } from '../content/content-api.ts'
import type { InlineRecord } from '../tree/format/record-format.ts'
import type { Slice } from '../tree/slice.ts'
import type { FrozenRecord, WorktreeApi } from '../tree/worktree-api.ts'

/**
 * Takes all changes out as one record, with their bytes. Undefined where they are too many, or where some of the bytes are
 * not there any more: a commit says what is wrong with them.
 */
export function freezeRecord(
  worktree: Pick<WorktreeApi, 'freezeRecord'>,
  staging: Pick<StagingApi, 'read'>,
  head: Pick<InlineRecord, 'timeMs' | 'writer'>,
  limit: number,
): FrozenRecord | undefined {
  const read = (slice: Slice, from: number, to: number): Uint8Array => {
    const bytes = new Uint8Array(to - from)
    staging.read(slice, from, bytes)
    return bytes
  }
  try {
    return worktree.freezeRecord(head, limit, read)
  } catch {
    return undefined
  }
}
