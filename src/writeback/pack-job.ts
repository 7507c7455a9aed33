import type { PieceCoding } from '../crypto/piece-codec.ts'
import type { PieceUse } from '../tree/format/pack-format.ts'
import type { PieceHash } from '../terms/piece-hash.ts'
import type { Compression, Seal } from '../terms/piece-coding.ts'

/** Keys of a sealed drive that packing needs; undefined: its pieces, or the staging files here, are not sealed. */
export interface PackKeys {
  readonly pieces?: Uint8Array | undefined
  readonly staging?: Uint8Array | undefined
}

/** Where a part of a piece is read from: a staging segment's file. */
export interface PartSource {
  readonly path: string
  readonly position: number
  readonly length: number
}

/** A piece as another pack holds it. */
export interface StoredPiece extends PieceCoding {
  readonly stored: Uint8Array
  /** @default data */
  readonly use?: PieceUse
}

/** A piece as it came to lie in the open pack. */
export interface PlacedPiece {
  readonly offset: number
  readonly storedLength: number
  readonly length: number
  readonly hash: PieceHash
  readonly compression: Compression
  readonly seal: Seal
}

/** What the packing thread is asked, one at a time for one pack. */
export type PackJob =
  /** Begins a pack file that may grow to `capacity` bytes, its index included. The file must not exist. */
  | { readonly op: 'begin'; readonly path: string; readonly capacity: number }
  /** Adds pieces in order until one does not fit. Answers those that did. */
  | { readonly op: 'add'; readonly pieces: readonly (readonly PartSource[])[] }
  /** The same with pieces of other packs, byte for byte as they are stored there. */
  | { readonly op: 'copy'; readonly pieces: readonly StoredPiece[] }
  /** Adds one encoded tree node, or the root record. Answers no piece when it does not fit. */
  | { readonly op: 'put'; readonly kind: 'node' | 'root'; readonly plain: Uint8Array }
  /** Writes the index, makes the file durable, closes it. */
  | { readonly op: 'end' }
  /** Closes and deletes the open file, if there is one. */
  | { readonly op: 'discard' }

export type PackAnswer =
  | { readonly pieces: readonly PlacedPiece[] }
  | { readonly bytes: number }
  | { readonly error: { readonly code: string | undefined; readonly message: string } }
