import type { BlobId } from '../../terms/blob-id.ts'
import type { Name } from '../../terms/name.ts'
import type { MapKind, Subtree } from '../btree/map-kind.ts'
import { NodeReader } from '../btree/node-reader.ts'
import { walk } from '../btree/read-map.ts'
import { inodeOfRoot } from '../format/root-format.ts'
import { directoryKind, LinkedName, type DirectoryValue } from '../kinds/directory-kind.ts'
import { extentsKind } from '../kinds/extents-kind.ts'
import { linksKind } from '../kinds/links-kind.ts'
import { packsKind } from '../kinds/packs-kind.ts'
import type { NodeSource } from '../node-source.ts'
import { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { RootRecord } from '../root-record.ts'
import { run } from '../steps.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import { MetDirectories } from './met-directories.ts'

/** Stored bytes by the pack that they lie in. */
export type StoredBytes = ReadonlyMap<BlobId, number>

/** What belongs to one directory and has no share of its own below it. */
export interface DirectoryShare {
  readonly path: readonly Name[]
  /** The one that this is below; undefined for the first. */
  readonly parent: DirectoryShare | undefined
  /** Names that are no directories; an inode of several names counts where it is met first. */
  readonly files: number
  readonly directories: number
  /** Sizes of the files. */
  readonly bytes: number
  readonly stored: StoredBytes
}

/** All that a tree names, by whose it is. Each piece is counted once. */
export interface TreeShares {
  /** A directory before those below it; the first is the one that was asked for. Undefined where there is none at that path. */
  readonly directories: readonly DirectoryShare[] | undefined
  /** What lies outside of that one. */
  readonly elsewhere: StoredBytes
  /** Root record, table of packs, table of hard links. */
  readonly tables: StoredBytes
}

/** Which directories get a share of their own: that one, and those down to so many levels below it. */
export interface SharesWish {
  readonly path: readonly Name[]
  readonly depth: number
}

/**
 * Who in a tree takes how much of which pack. A directory has the nodes that hold its names, and with them the bytes of small files, and
 * the pieces of its files. What several show belongs to the first that the walk meets: a directory's own files come before those in
 * directories below it, and files with several names after all others. Reads the nodes of the tree, and no piece of a file.
 */
export async function directoryShares(
  source: NodeSource,
  root: RootRecord,
  wish: SharesWish,
): Promise<TreeShares> {
  const walked = new SharesWalk(source, wish)
  await walked.run(root)
  const { shares, elsewhere, tables } = walked
  shares.sort((a, b) => byPath(a.path, b.path))
  return { directories: shares.length ? shares : undefined, elsewhere, tables }
}

function byPath(a: readonly Name[], b: readonly Name[]): number {
  const differs = a.findIndex((name, i) => name !== b[i])
  if (differs < 0) return a.length - b.length
  return differs >= b.length || a[differs]! > b[differs]! ? 1 : -1
}

/** Whoever is counted for; the walk's own. */
class Owner {
  files = 0
  directories = 0
  bytes = 0
  readonly stored = new Map<BlobId, number>()
  readonly path: readonly Name[]
  readonly parent: Owner | undefined

  constructor(path: readonly Name[], parent: Owner | undefined) {
    this.path = path
    this.parent = parent
  }
}

interface Pending extends Subtree {
  readonly owner: Owner
  /** Undefined below a directory that has no share of its own: nobody asks there. */
  readonly path: readonly Name[] | undefined
}

class SharesWalk {
  readonly shares: Owner[] = []
  readonly elsewhere = new Map<BlobId, number>()
  readonly tables = new Map<BlobId, number>()
  readonly #outside = new Owner([], undefined)
  readonly #reader: NodeReader
  readonly #wish: SharesWish
  readonly #met = new MetDirectories()
  readonly #seen = new Map<BlobId, Set<number>>()
  readonly #linkOwners = new Map<number, Owner>()
  readonly #pace = new Pace()
  #pending: Pending[] = []

  constructor(source: NodeSource, wish: SharesWish) {
    this.#reader = new NodeReader(source)
    this.#wish = wish
  }

  async run({ self, directory, links, packs }: RootRecord): Promise<void> {
    this.#take(self, this.tables)
    const top = inodeOfRoot(directory)
    this.#met.meet(top)
    const owner = this.#ownerOf([], this.#outside)
    if (directory.node) {
      this.#pending.push({ of: 'directory', node: directory.node, owner, path: [] })
    }
    await this.#drain()
    if (links) await this.#walk(linksKind, links, this.tables, (inode) => this.#linked(inode))
    await this.#drain()
    if (packs) await this.#walk(packsKind, packs, this.tables, () => {})
    for (const [blob, bytes] of this.#outside.stored) this.elsewhere.set(blob, bytes)
  }

  async #drain(): Promise<void> {
    for (let next = this.#pending.pop(); next; next = this.#pending.pop()) {
      const { owner, node, path } = next
      if (next.of === 'extents') {
        const each = (value: Parameters<typeof extentsKind.pieces>[0]) =>
          this.#takeAll(extentsKind.pieces(value), owner)
        await this.#walk(extentsKind, node, owner.stored, each)
        continue
      }
      const below: Pending[] = []
      const each = (value: DirectoryValue, key: string) =>
        this.#named(value, key as Name, owner, path, below)
      await this.#walk(directoryKind, node, owner.stored, each)
      // The last of the stack is walked first.
      for (const one of below.reverse()) this.#pending.push(one)
    }
  }

  async #walk<V>(
    kind: MapKind<V>,
    node: PieceRef,
    stored: Map<BlobId, number>,
    each: (value: V, key: string) => void,
  ): Promise<void> {
    const onNode = (ref: PieceRef) => this.#take(ref, stored)
    await run(walk(this.#reader, kind, node, this.#pace, onNode, each))
  }

  #named(
    value: DirectoryValue,
    name: Name,
    owner: Owner,
    path: readonly Name[] | undefined,
    below: Pending[],
  ): void {
    if (value instanceof LinkedName) {
      if (!this.#linkOwners.has(value.ino)) this.#linkOwners.set(value.ino, owner)
      return
    }
    this.#met.meet(value)
    if (!value.isDirectory) return this.#file(value, owner, below)
    const its = path && [...path, name]
    const child = its ? this.#ownerOf(its, owner) : owner
    owner.directories++
    const goesOn = its && (child !== owner || this.#mayHold(its)) ? its : undefined
    this.#addSubtrees(value, child, goesOn, below)
  }

  #linked(inode: TreeInode): void {
    this.#file(inode, this.#linkOwners.get(inode.ino) ?? this.#outside, this.#pending)
  }

  #file(inode: TreeInode, owner: Owner, below: Pending[]): void {
    owner.files++
    if (inode.isRegular) owner.bytes += inode.size
    this.#takeAll(directoryKind.pieces(inode), owner)
    this.#addSubtrees(inode, owner, undefined, below)
  }

  #addSubtrees(
    inode: TreeInode,
    owner: Owner,
    path: readonly Name[] | undefined,
    below: Pending[],
  ): void {
    for (const subtree of directoryKind.subtrees(inode)) below.push({ ...subtree, owner, path })
  }

  /** The share of a directory: its own where it is to have one, else that of the one above. */
  #ownerOf(path: readonly Name[], above: Owner): Owner {
    const { path: top, depth } = this.#wish
    const isBelow = path.length >= top.length && top.every((name, i) => path[i] === name)
    if (!isBelow || path.length - top.length > depth) return above
    const owner = new Owner(path, path.length === top.length ? undefined : above)
    this.shares.push(owner)
    return owner
  }

  /** The directory that is asked for lies below this one. */
  #mayHold(path: readonly Name[]): boolean {
    return path.every((name, i) => this.#wish.path[i] === name)
  }

  #takeAll(pieces: Iterable<PieceRef>, owner: Owner): void {
    for (const piece of pieces) this.#take(piece, owner.stored)
  }

  /** Counts a piece that was not met before. */
  #take({ blob, offset, storedLength }: PieceRef, stored: Map<BlobId, number>): void {
    let offsets = this.#seen.get(blob)
    if (!offsets) this.#seen.set(blob, (offsets = new Set()))
    if (offsets.has(offset)) return
    offsets.add(offset)
    stored.set(blob, (stored.get(blob) ?? 0) + storedLength)
  }
}
