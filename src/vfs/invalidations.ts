import type { Name } from '../terms/name.ts'
import type { RebaseResult } from '../tree/worktree-api.ts'
import type { NodeId } from './file-system.ts'
import type { InodeTable } from './inode-table.ts'

/** What the kernel's caches have wrong now, in the kernel's numbers; what it does not know is left out. */
export interface Invalidations {
  /** Attributes and pages of these. */
  readonly nodes: readonly NodeId[]
  readonly names: readonly { readonly parent: NodeId; readonly name: Name }[]
}

/** Turns what a rebase has changed into what the driver can tell the kernel. */
export function invalidationsOf(table: InodeTable, result: RebaseResult): Invalidations {
  const nodes = result.inodes.map((inode) => table.idOf(inode))
  const names = result.names.flatMap(({ directory, name }) => {
    const parent = table.idOf(directory)
    return parent === undefined ? [] : [{ parent, name }]
  })
  return { nodes: nodes.filter((node) => node !== undefined), names }
}
