import type { ExtentSource, SettledRange } from '../extent-map.ts'
import { ExtentList } from '../extents/extent-list.ts'
import { joinInline } from '../extents/inline-runs.ts'
import { maxInlineBytes } from '../format/extent-format.ts'
import type { RecordChange } from '../format/record-format.ts'
import type { Slice } from '../slice.ts'
import type { FrozenChanges } from '../worktree/frozen-changes.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'

/** Bytes [from, to) of a slice. */
export type ReadSlice = (slice: Slice, from: number, to: number) => Uint8Array

/** Bytes of slices that go into a record. */
export class InlineSlices {
  readonly #read: ReadSlice
  readonly #ranges = new Map<number, SettledRange[]>()

  constructor(read: ReadSlice) {
    this.#read = read
  }

  readonly find = (slice: Slice): readonly SettledRange[] | undefined => this.#ranges.get(slice.id)

  /** Reads all that a file shows of slices. */
  take(file: TreeInode): void {
    for (const { start, end, source } of file.extents!.all()) {
      if (source.kind === 'slice') this.#add(source, end - start)
    }
  }

  #add({ slice, at }: Extract<ExtentSource, { kind: 'slice' }>, length: number): void {
    const ranges = this.#ranges.get(slice.id) ?? []
    this.#ranges.set(slice.id, ranges)
    for (let from = at; from < at + length; from += maxInlineBytes) {
      const to = Math.min(from + maxInlineBytes, at + length)
      const source = { kind: 'inline', bytes: this.#read(slice, from, to), at: 0 } as const
      ranges.push({ from, to, source })
    }
  }
}

/**
 * All that was frozen, as changes that set it at once: directories above first, names in order, then files of several names,
 * then the totals. Bytes of slices are in it.
 */
export function* toldChanges(
  frozen: FrozenChanges,
  slices: InlineSlices,
): Generator<RecordChange, void, void> {
  const told = new Set<TreeInode>()
  const tell = function* (inode: TreeInode): Generator<RecordChange> {
    if (told.has(inode)) return
    told.add(inode)
    yield { type: 'inode', inode: inlineCopy(frozen.stateOf(inode), slices) }
  }
  for (const directory of frozen.directories()) {
    yield* tell(directory)
    for (const name of frozen.names(directory)) {
      const child = frozen.child(directory, name)
      if (child) yield* tell(child)
      yield { type: 'name', parent: directory.ino, name, ino: child?.ino }
    }
  }
  for (const inode of frozen.links()) yield* tell(inode)
  const { usedBytes, usedInodes, nextIno } = frozen.totals
  yield { type: 'totals', usedBytes, usedInodes, nextIno }
}

/** A copy without slices. */
function inlineCopy(inode: TreeInode, slices: InlineSlices): TreeInode {
  const copy = inode.copy()
  if (!copy.isRegular || !copy.contentChanged) return copy
  slices.take(copy)
  copy.ownExtents.settle(slices.find)
  copy.extentList = joined(copy.ownExtents)
  copy.extentTree = undefined
  return copy
}

/** The same extents as they are stored: inline ones that touch are one. */
export function joined(extents: Pick<ExtentList, 'all'>): ExtentList {
  const list = new ExtentList()
  for (const { start, end, source } of joinInline(extents.all())) list.put(start, end, source)
  return list
}
