import type { LayeredContent } from '../content/layered-content.ts'
import type { ManifestState } from '../manifest/manifest.ts'
import { headOf, sameHead } from '../manifest/manifest-head.ts'
import type { WorktreeApi } from '../tree/worktree-api.ts'
import { followManifest, type Following } from './follow-manifest.ts'
import { readRoot, worktreeOn, type SharedParts } from './shared-parts.ts'

/** A drive that is only looked at: no state directory, no key; it follows what others commit. */
export async function openReadOnly(shared: SharedParts): Promise<{
  content: LayeredContent
  worktree: WorktreeApi
  writable: undefined
  following: Following
}> {
  const { host, onRebased, state } = shared
  const content = shared.content({})
  const worktree = await worktreeOn(state, content, shared)
  let last = headOf(state)
  const following = await followManifest(shared, async (now: ManifestState) => {
    const head = headOf(now)
    const { root, inline } = head
    const isEmpty = root === undefined && inline.length === 0
    if (isEmpty || sameHead(last, head)) return
    const theirs = root && (await readRoot(root, content))
    onRebased(await worktree.rebase(theirs, { host, time: '' }, () => {}, inline))
    last = head
  })
  return { content, worktree, writable: undefined, following }
}
