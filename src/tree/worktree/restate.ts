import type { Change } from '../change.ts'
import type { TreeInode } from './tree-inode.ts'
import type { TreeState } from './tree-state.ts'

/**
 * All that differs from the base as changes that set it at once: inodes as a whole, names, totals. To be read to the end
 * in one turn; what was handed on before means nothing for a replay of these.
 */
export function* restate(state: TreeState): Generator<Change> {
  if (state.frozen) throw new Error('a commit is under way')
  state.generation++
  const told = new Set<TreeInode>()
  const tell = function* (inode: TreeInode): Generator<Change> {
    if (told.has(inode)) return
    told.add(inode)
    inode.bound = state.generation
    yield { type: 'inode', inode: inode.copy() }
  }
  const directories = state.touched.names.has(state.root) ? [state.root] : []
  for (const directory of directories) {
    yield* tell(directory)
    for (const name of state.touched.names.get(directory)!) {
      const child = directory.names!.get(name)
      if (child) yield* tell(child)
      yield { type: 'name', parent: directory.ino, name, ino: child?.ino }
      if (child && state.touched.names.has(child)) directories.push(child)
    }
  }
  for (const inode of state.touched.links) yield* tell(inode)
  for (const [directory, names] of state.touched.names) {
    const isNew = !directory.names!.stored && !state.appended.names.has(directory)
    if (told.has(directory) || isNew) continue
    // It is gone; which of its names were taken away counts when the others changed it meanwhile.
    yield* tell(directory)
    for (const name of names) yield { type: 'name', parent: directory.ino, name, ino: undefined }
  }
  const { usedBytes, usedInodes, nextIno } = state
  yield { type: 'totals', usedBytes, usedInodes, nextIno }
}
