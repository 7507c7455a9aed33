import type { StoredPiece } from './piece-table.ts'

/** Neighbouring pieces of a pack, to be had with one read. */
export interface ReadRun {
  readonly offset: number
  readonly length: number
  /** By offset. */
  readonly pieces: readonly StoredPiece[]
}

/** The most that one read asks for, but for a single longer piece. */
const runBytes = 4 << 20
/** Unwanted bytes between two pieces that are cheaper to read than a second read. */
const gapBytes = 32 << 10
/** From this share on a pack is read from one end to the other. */
const mostOf = 0.5

/** How the pieces of a pack of so many bytes are read: in order; all of the pack where most of it is wanted. */
export function readPlan(pieces: readonly StoredPiece[], packBytes: number): ReadRun[] {
  const wanted = pieces.reduce((sum, { length }) => sum + length, 0)
  const gap = wanted >= packBytes * mostOf ? runBytes : gapBytes
  const runs: StoredPiece[][] = []
  let [start, end] = [0, 0]
  for (const piece of pieces) {
    const pieceEnd = piece.offset + piece.length
    const joins = piece.offset - end <= gap && Math.max(end, pieceEnd) - start <= runBytes
    if (runs.length > 0 && joins) {
      runs.at(-1)!.push(piece)
      end = Math.max(end, pieceEnd)
    } else {
      runs.push([piece])
      ;[start, end] = [piece.offset, pieceEnd]
    }
  }
  return runs.map(toRun)
}

function toRun(pieces: readonly StoredPiece[]): ReadRun {
  const offset = pieces[0]!.offset
  const end = Math.max(...pieces.map((piece) => piece.offset + piece.length))
  return { offset, length: end - offset, pieces }
}
