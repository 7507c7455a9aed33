import type { Name } from '../../terms/name.ts'
import { diffMaps } from '../btree/diff-maps.ts'
import type { NodeReader } from '../btree/node-reader.ts'
import { inodeOfRoot } from '../format/root-format.ts'
import { directoryKind } from '../kinds/directory-kind.ts'
import type { DirectoryValue } from '../kinds/directory-kind.ts'
import { linksKind } from '../kinds/links-kind.ts'
import { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { RootRecord } from '../root-record.ts'
import type { Steps } from '../steps.ts'
import { TreeInode } from '../worktree/tree-inode.ts'
import { rootIno } from '../worktree/tree-state.ts'
import { listBoth } from './listed-extents.ts'

/** A value in the tree that both started from, and in theirs; undefined where it is not there. */
export interface Sides<T> {
  before?: T
  after?: T
}

/** A directory by its number, and a name in it. */
export interface Place {
  readonly parent: number
  readonly name: Name
}

/** The stored names of a directory on one side: known when its record was seen, read when they were told. */
interface DirectorySide {
  readonly node: PieceRef | undefined
  isRead: boolean
}

type Side = keyof Sides<unknown>

/**
 * What differs between the base and their tree, by inode number. Directories that only one side has are looked into only
 * as far as somebody here holds what may have gone or come there.
 */
export class TheirChanges {
  readonly root: RootRecord
  readonly #names = new Map<number, Map<Name, Sides<number>>>()
  readonly #inodes = new Map<number, Sides<TreeInode>>()
  readonly #places = new Map<number, Place>()
  readonly #directories = new Map<number, Sides<DirectorySide>>()
  readonly #base: RootRecord | undefined
  readonly #reader: NodeReader
  readonly #isHeld: (ino: number) => boolean
  readonly #pace = new Pace()
  #hasLinks = false
  /** Files with extents stored apart that were seen and not looked at. */
  readonly #apart = new Set<number>()
  /** Directories of which a side was seen and not read. */
  readonly #unread = new Set<number>()
  /** Inodes that were seen in the base only. */
  readonly #lost = new Set<number>()

  constructor(
    reader: NodeReader,
    base: RootRecord | undefined,
    root: RootRecord,
    isHeld: (ino: number) => boolean,
  ) {
    this.#reader = reader
    this.#base = base
    this.root = root
    this.#isHeld = isHeld
    this.#directories.set(rootIno, { before: { node: undefined, isRead: true } })
    if (base) this.#see(inodeOfRoot(base.directory), 'before')
    this.#see(inodeOfRoot(root.directory), 'after')
  }

  /** Names of a directory that changed; some may mean the same on both sides. */
  names(directory: number): ReadonlyMap<Name, Sides<number>> {
    return this.#names.get(directory) ?? new Map()
  }

  /** Directories of which names changed. */
  directories(): Iterable<number> {
    return this.#names.keys()
  }

  inodes(): Iterable<[number, Sides<TreeInode>]> {
    return this.#inodes
  }

  /** Records of an inode that changed, or moved. */
  inode(ino: number): Sides<TreeInode> | undefined {
    return this.#inodes.get(ino)
  }

  /** Their tree has the inode no more. */
  isGone(ino: number): boolean {
    const sides = this.#inodes.get(ino)
    return sides !== undefined && !sides.after
  }

  /** Where their tree has an inode that came there, or changed. */
  place(ino: number): Place | undefined {
    return this.#places.get(ino)
  }

  /** The names of a directory in their tree; the second value is false where it did not change. */
  node(directory: number): readonly [PieceRef | undefined, boolean] {
    const sides = this.#directories.get(directory)
    return [sides?.after?.node, sides !== undefined]
  }

  /** Reads on as far as what is held now makes it necessary. */
  *advance(): Steps<void> {
    if (!this.#hasLinks) yield* this.#readLinks()
    this.#hasLinks = true
    for (let batch = this.#next(); batch.length > 0; batch = this.#next()) {
      for (const ino of batch) yield* this.#read(ino)
    }
    for (const ino of this.#apart) {
      const { before, after } = this.#inodes.get(ino)!
      yield* listBoth(this.#reader, before, after, this.#isHeld(ino))
      this.#apart.delete(ino)
    }
  }

  *#readLinks(): Steps<void> {
    const [before, after] = [this.#base?.links, this.root.links]
    const tell = (_key: string, a: TreeInode | undefined, b: TreeInode | undefined) => {
      if (a) this.#see(a, 'before')
      if (b) this.#see(b, 'after')
    }
    yield* diffMaps(this.#reader, linksKind, before, after, this.#pace, tell)
  }

  /** Directories to read now: those of both trees first, those of their tree alone last. */
  #next(): number[] {
    const [both, before, after]: [number[], number[], number[]] = [[], [], []]
    for (const ino of this.#unread) {
      const sides = this.#directories.get(ino)!
      if (sides.before && sides.after) both.push(ino)
      else if (sides.after) after.push(ino)
      else if (this.#isHeld(ino)) before.push(ino)
    }
    if (both.length > 0) return both
    if (before.length > 0) return before
    return this.#isSomethingLost() ? after : []
  }

  /** Something that is held is gone from where it was; it may have gone where it was not looked for yet. */
  #isSomethingLost(): boolean {
    for (const ino of this.#lost) if (this.#isHeld(ino)) return true
    return false
  }

  *#read(ino: number): Steps<void> {
    const sides = this.#directories.get(ino)!
    const [before, after] = [unread(sides.before), unread(sides.after)]
    this.#unread.delete(ino)
    if (before) before.isRead = true
    if (after) after.isRead = true
    const tell = (key: string, a: DirectoryValue | undefined, b: DirectoryValue | undefined) => {
      if (a) this.#seeName(ino, key as Name, a, 'before')
      if (b) this.#seeName(ino, key as Name, b, 'after')
    }
    yield* diffMaps(this.#reader, directoryKind, before?.node, after?.node, this.#pace, tell)
  }

  #seeName(directory: number, name: Name, value: DirectoryValue, side: Side): void {
    let names = this.#names.get(directory)
    if (!names) this.#names.set(directory, (names = new Map()))
    const sides = names.get(name) ?? {}
    sides[side] = value.ino
    names.set(name, sides)
    if (side === 'after') this.#places.set(value.ino, { parent: directory, name })
    if (value instanceof TreeInode) this.#see(value, side)
  }

  #see(inode: TreeInode, side: Side): void {
    const { ino, names } = inode
    const sides = this.#inodes.get(ino) ?? {}
    sides[side] = inode
    this.#inodes.set(ino, sides)
    if (sides.after || ino === rootIno) this.#lost.delete(ino)
    else this.#lost.add(ino)
    if (inode.extentTree) this.#apart.add(ino)
    if (!names) return
    const directory = this.#directories.get(ino) ?? {}
    directory[side] = { node: names.stored?.node, isRead: false }
    this.#directories.set(ino, directory)
    this.#unread.add(ino)
  }
}

function unread(side: DirectorySide | undefined): DirectorySide | undefined {
  return side && !side.isRead ? side : undefined
}
