import type { Change } from '../change.ts'
import type { Extent } from '../extent-map.ts'
import type { TreeInode } from './tree-inode.ts'
import type { TreeState } from './tree-state.ts'

type ChangeOf<T extends Change['type']> = Extract<Change, { type: T }>

/** Shows a slice from an offset on. */
export function write(state: TreeState, change: ChangeOf<'write'>): TreeInode {
  const { offset, slice } = change
  const file = beginContent(state, change)
  const end = offset + slice.length
  state.changeContent(file, () => file.ownExtents.put(offset, end, { kind: 'slice', slice, at: 0 }))
  file.size = Math.max(file.size, end)
  return file
}

/** Makes a range a hole. */
export function punch(state: TreeState, change: ChangeOf<'punch'>): TreeInode {
  const file = beginContent(state, change)
  const { offset, length } = change
  state.changeContent(file, () => file.ownExtents.clear(offset, offset + length))
  return file
}

/** Shows a range of another file, or of the same one, in a second place. */
export function clone(state: TreeState, change: ChangeOf<'clone'>): TreeInode {
  const { fromOffset, offset, length } = change
  const source = state.inode(change.from).extents!
  const parts = [...source.over(fromOffset, fromOffset + length)]
  const file = beginContent(state, change)
  state.changeContent(file, () => {
    file.ownExtents.clear(offset, offset + length)
    putMoved(file, parts, offset - fromOffset)
  })
  file.size = Math.max(file.size, offset + length)
  return file
}

/** Moves what lies behind an offset. */
export function shift(state: TreeState, change: ChangeOf<'shift'>): TreeInode {
  const { offset, by } = change
  const file = beginContent(state, change)
  const parts = [...file.extents!.over(offset, Infinity)]
  state.changeContent(file, () => {
    file.ownExtents.clear(Math.min(offset, offset + by), Infinity)
    putMoved(file, parts, by)
  })
  file.size += by
  return file
}

/** Cuts a file off, or lets it end in a hole. */
export function resize(state: TreeState, file: TreeInode, size: number): void {
  if (size < file.size && file.coveredBytes > 0) {
    state.changeContent(file, () => file.ownExtents.clear(size, Infinity))
  }
  file.size = size
}

function putMoved(file: TreeInode, parts: readonly Extent[], by: number): void {
  for (const { start, end, source } of parts) file.ownExtents.put(start + by, end + by, source)
}

function beginContent(
  state: TreeState,
  change: ChangeOf<'write' | 'punch' | 'clone' | 'shift'>,
): TreeInode {
  const file = state.inode(change.ino)
  state.edit(file)
  file.mtime = file.ctime = change.time
  return file
}
