import type { Name } from '../terms/name.ts'
import type { Inode } from '../tree/inode.ts'
import type { NamePlace, RebaseResult } from '../tree/worktree-api.ts'
import type { NodeId } from './file-system.ts'
import type { InodeTable } from './inode-table.ts'

/** What the kernel's caches have wrong now, in the kernel's numbers; what it does not know is left out. */
export interface Invalidations {
  /** Attributes and pages of these. */
  readonly nodes: readonly NodeId[]
  readonly names: readonly { readonly parent: NodeId; readonly name: Name }[]
}

/** Turns what a rebase has changed into what the driver can tell the kernel; changed files are renewed. */
export function invalidationsOf(table: InodeTable, result: RebaseResult): Invalidations {
  for (const { inode, names } of result.changedFiles) table.renew(inode, names)
  const changed = result.changedFiles.flatMap(({ names }) => names)
  return {
    nodes: result.inodes.flatMap((inode) => table.idsOf(inode)),
    names: knownNames(table, [...result.names, ...changed]),
  }
}

/**
 * What is wrong when a file that the kernel has under several numbers was changed through one of them: the pages of the
 * others, and, where it was a former one, the size that the kernel believes of the one that names lead to.
 */
export function invalidationsOfDivided(
  table: InodeTable,
  inode: Inode,
  through: NodeId,
): Invalidations {
  const current = table.idOf(inode)
  const nodes = table.idsOf(inode).filter((id) => id !== through)
  if (current === undefined || current === through) return { nodes, names: [] }
  const { parent, name } = inode
  const here = parent && name !== undefined ? [{ directory: parent, name }] : []
  const names = [...table.namesOf(inode), ...here]
  table.renew(inode, names)
  return { nodes, names: knownNames(table, names) }
}

/** In the kernel's numbers, each once. */
function knownNames(table: InodeTable, places: readonly NamePlace[]): Invalidations['names'] {
  const known = new Map<string, Invalidations['names'][number]>()
  for (const { directory, name } of places) {
    const parent = table.idOf(directory)
    if (parent !== undefined) known.set(`${parent}/${name}`, { parent, name })
  }
  return [...known.values()]
}
