import type { Name } from '../terms/name.ts'
import type { ExtentMap } from '../tree/extent-map.ts'
import type { Inode } from '../tree/inode.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import { isRegular } from './drive-files.ts'
import { sequenceOf } from './drive-sequence.ts'
import type { FileCosts } from './file-cost.ts'
import type { Drive } from './open-drive.ts'

/** Who is asked. */
export interface ToldBy {
  readonly drive: Drive
  readonly costs: FileCosts
}

type Value = string | undefined
type Told = (inode: Inode, extents: ExtentMap | undefined, by: ToldBy) => Value | Promise<Value>

/** A value has 64 KiB at most; a file may lie in more packs than it has room for. */
const maxBlobs = 1000

const told: Readonly<Record<string, Told>> = {
  /** The blobs that the bytes lie in, in order. */
  'user.walrus.blob': (_, extents) => {
    const blobs = [...new Set(piecesOf(extents).map(({ piece }) => piece.blob))]
    if (blobs.length === 0) return undefined
    return [...blobs.slice(0, maxBlobs), ...(blobs.length > maxBlobs ? ['…'] : [])].join(',')
  },
  /** How far the last change has come. */
  'user.walrus.state': (inode, _, { drive: { writable } }) => {
    if (!inode.dirty) return 'stored'
    return writable?.writeBack.status.state === 'committing' ? 'storing' : 'dirty'
  },
  /** The commit that it is shown as of: it was committed then or before. */
  'user.walrus.sequence': (inode, _, { drive }) =>
    inode.dirty ? undefined : String(sequenceOf(drive)),
  /** FROST per epoch for what is stored of it, but for its name and what lies with names. */
  'user.walrus.cost': async (_, extents, { costs }) => {
    const frost = await costs.of(piecesOf(extents).map(({ piece }) => piece))
    return frost === undefined ? undefined : String(frost)
  },
  /** Bytes that can be read without the network. */
  'user.walrus.cached': (_, extents, { drive: { cache } }) =>
    bytesText(extents, (piece) => cache.has(piece), true),
  /** Of them, bytes that this mount has compared with their hash, or that were written here. */
  'user.walrus.verified': (_, extents, { drive: { cache } }) =>
    bytesText(extents, (piece) => cache.isVerified(piece), true),
  /** Bytes that are kept in the cache whatever has to go. */
  'user.walrus.pinned': (_, extents, { drive: { cache } }) =>
    bytesText(extents, (piece) => cache.pinned.has(piece), false),
}

/** Told of everything that has a name, not of regular files alone. */
const ofAll: ReadonlySet<string> = new Set(['user.walrus.state', 'user.walrus.sequence'])

/** What a drive tells of a file by attributes that are stored nowhere; of what is no regular file, its state and sequence alone. */
export function toldAttribute(
  by: ToldBy,
  inode: Inode,
  name: Name,
): Uint8Array | undefined | Promise<Uint8Array | undefined> {
  const of = Object.hasOwn(told, name) ? told[name] : undefined
  if (!of) return undefined
  const tell = (extents: ExtentMap | undefined) => {
    const value = of(inode, extents, by)
    return value instanceof Promise ? value.then(bytesOf) : bytesOf(value)
  }
  if (!isRegular(inode)) return ofAll.has(name) ? tell(undefined) : undefined
  const extents = by.drive.worktree.extents(inode)
  return extents instanceof Promise ? extents.then(tell) : tell(extents)
}

function bytesOf(value: Value): Uint8Array | undefined {
  return value === undefined ? undefined : Buffer.from(value)
}

interface PlacedPiece {
  readonly piece: PieceRef
  readonly bytes: number
}

function piecesOf(extents: ExtentMap | undefined): PlacedPiece[] {
  const pieces: PlacedPiece[] = []
  for (const { start, end, source } of extents?.all() ?? []) {
    if (source.kind === 'piece') pieces.push({ piece: source.piece, bytes: end - start })
  }
  return pieces
}

/** Bytes of the pieces that are meant, and, where they count, of what lies in staging or in the tree itself. */
function bytesText(
  extents: ExtentMap | undefined,
  isMeant: (piece: PieceRef) => boolean,
  countsLocal: boolean,
): string {
  let bytes = 0
  for (const { start, end, source } of extents?.all() ?? []) {
    if (source.kind === 'piece' ? isMeant(source.piece) : countsLocal) bytes += end - start
  }
  return String(bytes)
}
