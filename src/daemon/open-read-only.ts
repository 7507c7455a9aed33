import type { Content } from '../content/content-api.ts'
import type { ManifestState } from '../manifest/manifest.ts'
import { sameRoot } from '../manifest/same-root.ts'
import type { WorktreeApi } from '../tree/worktree-api.ts'
import { followManifest } from './follow-manifest.ts'
import { readRoot, worktreeOn, type SharedParts } from './shared-parts.ts'

/** A drive that is only looked at: no state directory, no key; it follows what others commit. */
export async function openReadOnly(
  shared: SharedParts,
): Promise<{ content: Content; worktree: WorktreeApi; writable: undefined }> {
  const { host, onRebased, state } = shared
  const content = shared.content({})
  const worktree = await worktreeOn(state.root, content)
  let last = state.root
  await followManifest(shared, async ({ root }: ManifestState) => {
    if (!root || sameRoot(last, root)) return
    onRebased(await worktree.rebase(await readRoot(root, content), { host, time: '' }, () => {}))
    last = root
  })
  return { content, worktree, writable: undefined }
}
