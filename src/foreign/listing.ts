import type { Name } from '../terms/name.ts'
import type { PieceHash } from '../terms/piece-hash.ts'
import type { View } from './view.ts'

/** What names things on Walrus that no walrusfs wrote cannot be read or shown. */
export class ListingError extends Error {
  override readonly name = 'ListingError'
}

/** The most files and the most directories that are shown; more of either is refused. */
export const maxListed = 1_000_000

/** Where the bytes of a file are. */
export interface FileSource {
  readonly view: View
  readonly offset: number
  readonly length: number
  /** SHA-256 that somebody promised of these bytes; without it the view's own check is all there is. */
  readonly hash?: PieceHash
}

/** A file as somebody's listing has it. */
export interface ListedFile {
  /** The path as it is written there, each character a byte. */
  readonly path: string
  /** Changes with anything about the file. */
  readonly key: string
  readonly xattrs: ReadonlyMap<Name, Uint8Array> | undefined
  /** Shown as its times, seconds since 1970. @default 0 */
  readonly time?: number
  /** Finds its bytes, and so its size. Throws FsError, ListingError. May be called again after a failure. */
  readonly source: () => FileSource | Promise<FileSource>
}

/** All files, and a line for people on what they are. */
export interface Listing {
  readonly files: readonly ListedFile[]
  /** `quilt, 12 files`. */
  readonly text: string
}
