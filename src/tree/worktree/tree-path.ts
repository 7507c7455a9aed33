import { nameToText, type Name } from '../../terms/name.ts'
import type { TreeInode } from './tree-inode.ts'

/** The path of a name in a directory of the worktree, for people. */
export function treePath(directory: TreeInode, name: Name): string {
  const names = [name]
  for (let at = directory; at.name !== undefined && at.parent; at = at.parent) names.push(at.name)
  return `/${names.reverse().map(nameToText).join('/')}`
}
