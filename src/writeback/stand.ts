import type { ManifestRoot } from '../manifest/manifest.ts'
import type { ManifestHead } from '../manifest/manifest-head.ts'
import { sameRoot } from '../manifest/same-root.ts'

/** What the worktree stands on: the one place that knows, for all who store changes over it. */
export class Stand {
  head: ManifestHead

  constructor(head: ManifestHead) {
    this.head = head
  }

  /** The blobs of the manifest's root last longer now. */
  renewed(root: ManifestRoot): void {
    if (sameRoot(this.head.root, root)) this.head = { ...this.head, root }
  }
}
