import type { TreeInode } from '../worktree/tree-inode.ts'
import type { TreeState } from '../worktree/tree-state.ts'
import type { ChangedFile, NamePlace } from '../worktree-api.ts'

/** The files, each with all its names in memory. Those without a name are left out. */
export function withNames(state: TreeState, files: ReadonlySet<TreeInode>): ChangedFile[] {
  const places = new Map<TreeInode, NamePlace[]>()
  let areLinked = false
  for (const file of files) {
    if (file.nlink === 0) continue
    places.set(file, [])
    if (file.linked) areLinked = true
    else place(places, file.parent, file)
  }
  if (areLinked) placeLinked(state, places)
  return [...places].map(([inode, names]) => ({ inode, names }))
}

function place(
  places: ReadonlyMap<TreeInode, NamePlace[]>,
  directory: TreeInode | undefined,
  file: TreeInode,
): void {
  const { name } = file
  if (!directory?.names || name === undefined || directory.names.get(name) !== file) return
  places.get(file)?.push({ directory, name })
}

/** An inode does not know all its names: they are looked for wherever names are in memory. */
function placeLinked(state: TreeState, places: ReadonlyMap<TreeInode, NamePlace[]>): void {
  for (const directory of state.inodes.values()) {
    for (const { name, inode } of directory.names?.after(0) ?? []) {
      if (inode.linked) places.get(inode)?.push({ directory, name })
    }
  }
}
