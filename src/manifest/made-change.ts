import type { ManifestState } from './manifest.ts'

/** Whether a state shows that a change was made. */
export type Done = (state: ManifestState) => boolean

/** Farther back nobody looks: as many steps as small records go into a manifest, and some renewals. */
const longestWalk = 300

/**
 * The state that shows a change which led to a sequence number: the present one, or the last of those with that number, where
 * others have changed it since.
 */
export async function madeIn(
  present: ManifestState,
  sequence: bigint,
  done: Done,
  past: AsyncIterable<ManifestState>,
): Promise<ManifestState | undefined> {
  if (done(present)) return present
  if (present.sequence <= sequence) return undefined
  let left = longestWalk
  for await (const state of past) {
    if (state.sequence < sequence || left-- === 0) return undefined
    if (state.sequence === sequence) return done(state) ? state : undefined
  }
  return undefined
}
