import { sealBytes } from '../crypto/sealing.ts'
import type { ManifestRoot } from '../manifest/manifest.ts'
import { Compression, Seal } from '../terms/piece-coding.ts'
import { Trouble } from '../terms/trouble.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import { treeFormat } from '../tree/root-record.ts'

/**
 * The manifest's `format`: the tree's format in the low byte, how the root record is sealed in the high one. A root record
 * is never compressed, so its plain length follows from its stored one.
 */
const sealShift = 8

/** Where a root record lies, as the manifest says it. */
export function rootPlace(
  self: PieceRef,
): Pick<ManifestRoot, 'format' | 'blob' | 'offset' | 'length' | 'hash'> {
  const { blob, offset, storedLength, hash, seal } = self
  return { format: treeFormat | (seal << sealShift), blob, offset, length: storedLength, hash }
}

/** The inverse. Throws Trouble `format` for one that this version does not know. */
export function rootPiece({ format, blob, offset, length, hash }: ManifestRoot): PieceRef {
  const seal = Object.values(Seal).find((one) => one === format >> sealShift)
  if ((format & 0xff) !== treeFormat || seal === undefined) {
    throw new Trouble(
      'format',
      `the drive is of format ${format}, which this version of walrusfs does not know; its data is untouched: mount it with a newer version`,
    )
  }
  return {
    blob,
    offset,
    storedLength: length,
    length: length - sealBytes(seal),
    hash,
    compression: Compression.none,
    seal,
  }
}
