import type { ManifestRoot, ManifestState } from './manifest.ts'
import { sameRoot } from './same-root.ts'

/** What a manifest says of the drive's content: a tree, and small changes over it. */
export interface ManifestHead {
  /** Undefined for a drive that has no tree yet. */
  readonly root: ManifestRoot | undefined
  /** Oldest first. */
  readonly inline: readonly Uint8Array[]
}

export function headOf({ root, inline }: Pick<ManifestState, 'root' | 'inline'>): ManifestHead {
  return { root, inline }
}

/** Whether both say the same. */
export function sameHead(a: ManifestHead, b: ManifestHead): boolean {
  const isSameTree = b.root ? sameRoot(a.root, b.root) : a.root === undefined
  return (
    isSameTree &&
    a.inline.length === b.inline.length &&
    a.inline.every((record, i) => Buffer.compare(record, b.inline[i]!) === 0)
  )
}
