import type { Name } from '../../terms/name.ts'
import type { Inode } from '../inode.ts'

/** A path, from the root. */
export type NamePath = readonly Name[]

/** In what two inodes differ; ctime, atime, and a directory's mtime do not count. */
export interface Differing {
  /** Bytes, a symlink's target, a device's number. */
  readonly content: boolean
  /** Mode, owner, group, extended attributes, mtime. */
  readonly attributes: boolean
  /** One is a file, say, and the other a directory. */
  readonly type: boolean
}

/** What a path means in the later of two snapshots, and did not in the earlier one. */
export type PathChange =
  | { readonly kind: 'added'; readonly path: NamePath; readonly after: Inode }
  | { readonly kind: 'removed'; readonly path: NamePath; readonly before: Inode }
  | {
      readonly kind: 'changed'
      /** Undefined for a file with several names where those were not asked for: it is told once. */
      readonly path: NamePath | undefined
      readonly before: Inode
      readonly after: Inode
      readonly differing: Differing
    }
  /** The same inode under another name. What stood there before is gone, without being told. */
  | {
      readonly kind: 'moved'
      readonly from: NamePath
      readonly path: NamePath
      readonly before: Inode
      readonly after: Inode
      /** Undefined where it is as it was. */
      readonly differing: Differing | undefined
    }
