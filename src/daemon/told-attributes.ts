import type { Name } from '../terms/name.ts'
import type { ExtentMap } from '../tree/extent-map.ts'
import type { Inode } from '../tree/inode.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import { isRegular } from './drive-files.ts'
import type { Drive } from './open-drive.ts'

type Told = (inode: Inode, extents: ExtentMap | undefined, drive: Drive) => string | undefined

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
  'user.walrus.state': (inode, _, { writable }) => {
    if (!inode.dirty) return 'stored'
    return writable?.writeBack.status.state === 'committing' ? 'storing' : 'dirty'
  },
  /** Bytes that can be read without the network. */
  'user.walrus.cached': (_, extents, { cache }) =>
    bytesText(extents, (piece) => cache.has(piece), true),
  /** Of them, bytes that this mount has compared with their hash, or that were written here. */
  'user.walrus.verified': (_, extents, { cache }) =>
    bytesText(extents, (piece) => cache.isVerified(piece), true),
  /** Bytes that are kept in the cache whatever has to go. */
  'user.walrus.pinned': (_, extents, { cache }) =>
    bytesText(extents, (piece) => cache.pinned.has(piece), false),
}

/** What a drive tells of a file by attributes that are stored nowhere; of what is no regular file, its state alone. */
export function toldAttribute(
  drive: Drive,
  inode: Inode,
  name: Name,
): Uint8Array | undefined | Promise<Uint8Array | undefined> {
  const of = Object.hasOwn(told, name) ? told[name] : undefined
  if (!of) return undefined
  const tell = (extents: ExtentMap | undefined) => {
    const text = of(inode, extents, drive)
    return text === undefined ? undefined : Buffer.from(text)
  }
  if (!isRegular(inode)) return name === 'user.walrus.state' ? tell(undefined) : undefined
  const extents = drive.worktree.extents(inode)
  return extents instanceof Promise ? extents.then(tell) : tell(extents)
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
