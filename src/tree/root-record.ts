import type { BlobId } from '../terms/blob-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import type { Attributes } from './attributes.ts'
import type { Name } from '../terms/name.ts'
import type { PieceRef } from './piece-ref.ts'

/** The format number that this code writes into the manifest and its root records. */
export const treeFormat = 1

/** The root directory as a root record holds it. */
export interface RootDirectory {
  readonly attributes: Attributes
  readonly xattrs: ReadonlyMap<Name, Uint8Array> | undefined
  /** The root of its names' B-tree; undefined for an empty directory. */
  readonly node: PieceRef | undefined
  /** Names in it. */
  readonly count: number
  /** Inodes and bytes below it, hard links not counted. */
  readonly inodes: number
  readonly bytes: number
}

/** The root of one snapshot, decoded. The manifest points to its encoded form, a piece like any other. */
export interface RootRecord {
  /** Where this record lies. Not part of its encoded form. */
  readonly self: PieceRef
  readonly format: typeof treeFormat
  /** Bits this reader must know; unknown ones refuse the mount. */
  readonly features: number
  /** The manifest's sequence number that this commit was made for. */
  readonly sequence: number
  /** Wall-clock time of the commit, milliseconds. */
  readonly timeMs: number
  /** Who made it: a host name, for people. */
  readonly writer: string
  /** The root record before this one. */
  readonly predecessor: PieceRef | undefined
  /** The root directory's inode; its nodes hang on it. */
  readonly directory: RootDirectory
  /** The table of inodes with several names, by inode number. */
  readonly links: PieceRef | undefined
  /**
   * The table of packs that hold live bytes. The pack that this record lies in is not among them: no pack can name
   * itself by its id.
   */
  readonly packs: PieceRef | undefined
  readonly usedBytes: number
  readonly usedInodes: number
  /** Inode numbers from here on are free. */
  readonly nextIno: number
}

/** The features that this program knows. */
export const knownFeatures = 0

/** One row of the table of packs. */
export interface PackRow {
  readonly blob: BlobId
  /** Sui's blob object; undefined for a pack that was born in this very commit, which could not know it. */
  readonly objectId: ObjectId | undefined
  /** Unencoded bytes. */
  readonly bytes: number
  /**
   * Stored bytes of it that the tree still names, root records and the table of packs not counted. Never too few; too many
   * where several files show one piece, or where nobody knew when it was born. `gc` counts anew.
   */
  readonly liveBytes: number
  /** First epoch in which it is no longer stored, as first paid for: what its blob object says may be later. */
  readonly endEpoch: number
}
