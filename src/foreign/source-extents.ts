import { ExtentList } from '../tree/extents/extent-list.ts'
import { pieceBytes } from '../tree/piece-ref.ts'
import type { FileSource } from './listing.ts'
import { hashedPiece, namedPiece } from './named-pieces.ts'

/** A file of at most so many bytes is one piece when its hash is known: read, checked and cached by that. */
export const maxHashedBytes = 4 << 20

/** Whether the whole of a file has to be looked at before any of it is served. */
export function needsLook({ hash, length }: FileSource): boolean {
  return hash !== undefined && length > maxHashedBytes
}

/** The bytes of a file, in pieces. */
export function extentsOf(source: FileSource): ExtentList {
  const { view, offset, length, hash } = source
  const extents = new ExtentList()
  if (hash !== undefined && !needsLook(source)) {
    const piece = hashedPiece(view, offset, length, hash)
    extents.put(0, length, { kind: 'piece', piece, at: 0 })
    return extents
  }
  for (let start = 0; start < length; start += pieceBytes) {
    const end = Math.min(length, start + pieceBytes)
    const piece = namedPiece(view, offset + start, end - start)
    extents.put(start, end, { kind: 'piece', piece, at: 0 })
  }
  return extents
}
