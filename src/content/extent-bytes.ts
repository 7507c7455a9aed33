import { FsError } from '../terms/errno.ts'
import { Compression, Seal } from '../terms/piece-coding.ts'
import type { ExtentSource } from '../tree/extent-map.ts'
import type { PieceRef } from '../tree/piece-ref.ts'

/** Whether both name the same piece. */
export function isSamePiece(a: ExtentSource, b: ExtentSource): boolean {
  return a.kind === 'piece' && b.kind === 'piece' && a.piece.hash === b.piece.hash
}

/** Whether a read of so many bytes gets exactly what is stored: all of a piece that is neither compressed nor sealed. */
export function isReadAsStored(ref: PieceRef, length: number): boolean {
  const { compression, seal, storedLength } = ref
  if (compression !== Compression.none || seal !== Seal.none) return false
  return ref.length === length && storedLength === length
}

/** A view of `length` bytes from `at` on. */
export function part(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return at === 0 && length === bytes.length ? bytes : bytes.subarray(at, at + length)
}

/** Throws FsError EIO where the source is shorter than the tree says. */
export function checkedPart(from: Uint8Array, at: number, length: number): Uint8Array {
  if (at + length > from.length) throw new FsError('EIO', 'a piece is shorter than its extent')
  return part(from, at, length)
}

/** Throws FsError EIO where the source is shorter than the tree says. */
export function copyBytes(
  from: Uint8Array,
  at: number,
  into: Uint8Array,
  position: number,
  length: number,
): void {
  into.set(checkedPart(from, at, length), position)
}
