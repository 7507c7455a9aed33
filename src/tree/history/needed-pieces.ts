import type { Name } from '../../terms/name.ts'
import type { MapKind } from '../btree/map-kind.ts'
import { NodeReader } from '../btree/node-reader.ts'
import { walk } from '../btree/read-map.ts'
import { PieceUse } from '../format/pack-format.ts'
import { inodeOfRoot } from '../format/root-format.ts'
import { directoryKind } from '../kinds/directory-kind.ts'
import { extentsKind } from '../kinds/extents-kind.ts'
import { linksKind } from '../kinds/links-kind.ts'
import { packsKind } from '../kinds/packs-kind.ts'
import type { NodeSource } from '../node-source.ts'
import { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { RootRecord } from '../root-record.ts'
import { run } from '../steps.ts'
import { TreeInode } from '../worktree/tree-inode.ts'
import { MetDirectories } from './met-directories.ts'

/** A piece that a snapshot needs, and whose it is, for messages. */
export interface NeededPiece {
  readonly ref: PieceRef
  readonly use: PieceUse
  /** The map that it belongs to; undefined for the root record. */
  readonly of: MapOf | undefined
  /** Where the inode is that it belongs to; undefined for one of several names, and for tables. */
  readonly path: readonly Name[] | undefined
  readonly ino: number | undefined
}

/** What a stored map holds. */
export type MapOf = 'directory' | 'extents' | 'links' | 'packs'

/** A stored map, and whose it is. */
export interface NeededMap {
  readonly of: MapOf
  /** Of a directory, or of a file's extents; undefined for tables of the drive. */
  readonly ino: number | undefined
}

/** A map that is still to be walked. */
interface Pending extends NeededMap {
  readonly node: PieceRef
  readonly path: readonly Name[] | undefined
}

/**
 * All pieces that a snapshot needs, its root record first. A piece that several files show is told for each. A directory or
 * table whose root `isKnown` is passed over with all below it: what is shared with a snapshot that was walked before
 * need not be walked again. A node that cannot be read is told to `onLost`, too, and passed over with what is below it; without
 * `onLost`, it ends the walk.
 */
export async function* neededPieces(
  source: NodeSource,
  root: RootRecord,
  isKnown: (node: PieceRef, map: NeededMap) => boolean = () => false,
  onLost?: (node: NeededPiece, error: unknown) => void,
): AsyncGenerator<NeededPiece> {
  yield { ref: root.self, use: PieceUse.root, of: undefined, path: undefined, ino: undefined }
  const reader = new NodeReader(source)
  const met = new MetDirectories()
  met.meet(inodeOfRoot(root.directory))
  const pending = firstMaps(root)
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (isKnown(next.node, next)) continue
    const walked = new MapWalk(reader, next, met, onLost)
    await walked.run()
    yield* walked.pieces
    for (const map of walked.below.reverse()) pending.push(map)
  }
}

function firstMaps(root: RootRecord): Pending[] {
  const maps: Pending[] = []
  const { directory, links, packs } = root
  if (packs) maps.push({ of: 'packs', node: packs, path: undefined, ino: undefined })
  if (links) maps.push({ of: 'links', node: links, path: undefined, ino: undefined })
  const { ino } = inodeOfRoot(directory)
  if (directory.node) maps.push({ of: 'directory', node: directory.node, path: [], ino })
  return maps
}

/** The walk over one map. */
class MapWalk {
  readonly pieces: NeededPiece[] = []
  readonly below: Pending[] = []
  readonly #reader: NodeReader
  readonly #map: Pending
  readonly #met: MetDirectories
  readonly #onLost: ((node: NeededPiece, error: unknown) => void) | undefined

  constructor(
    reader: NodeReader,
    map: Pending,
    met: MetDirectories,
    onLost: ((node: NeededPiece, error: unknown) => void) | undefined,
  ) {
    this.#reader = reader
    this.#map = map
    this.#met = met
    this.#onLost = onLost
  }

  async run(): Promise<void> {
    switch (this.#map.of) {
      case 'directory':
        return this.#walk(directoryKind)
      case 'links':
        return this.#walk(linksKind)
      case 'extents':
        return this.#walk(extentsKind)
      case 'packs':
        return this.#walk(packsKind)
    }
  }

  async #walk<V>(kind: MapKind<V>): Promise<void> {
    const { of, node, path, ino } = this.#map
    const onNode = (ref: PieceRef) => this.pieces.push({ ref, use: PieceUse.node, of, path, ino })
    const onValue = (value: V, key: string) => {
      if (value instanceof TreeInode) this.#met.meet(value)
      const owner = this.#ownerOf(value, key)
      for (const ref of kind.pieces(value))
        this.pieces.push({ ref, use: PieceUse.data, of, ...owner })
      for (const subtree of kind.subtrees(value)) this.below.push({ ...subtree, ...owner })
    }
    const tell = this.#onLost
    const onLost = (ref: PieceRef, error: unknown) => {
      const lost = { ref, use: PieceUse.node, of, path, ino }
      // Of a leaf that ends wrong it is known already.
      if (this.pieces.findLast(({ use }) => use === PieceUse.node)?.ref !== ref)
        this.pieces.push(lost)
      tell!(lost, error)
    }
    const args = [this.#reader, kind, node, new Pace(), onNode, onValue] as const
    await run(tell ? walk(...args, onLost) : walk(...args))
  }

  #ownerOf(value: unknown, key: string): Pick<NeededPiece, 'path' | 'ino'> {
    const { path, ino, of } = this.#map
    if (!(value instanceof TreeInode)) return { path, ino }
    return { path: of === 'directory' ? [...path!, key as Name] : undefined, ino: value.ino }
  }
}
