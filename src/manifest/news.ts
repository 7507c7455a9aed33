import type { ManifestState } from './manifest.ts'

/** Whether who has seen one state of a manifest is to hear of another: it moved on, or somebody else may change it now. */
export function isNews(state: ManifestState, seen: ManifestState): boolean {
  if (state.sequence !== seen.sequence) return state.sequence > seen.sequence
  return state.lease?.writer !== seen.lease?.writer || state.lease?.untilMs !== seen.lease?.untilMs
}
