import { FileType } from '../inode.ts'
import type { Timestamp } from '../time.ts'
import { TreeInode } from './tree-inode.ts'
import { rootIno } from './tree-state.ts'

/** What the root directory of a drive without any commit is like. */
export interface EmptyRoot {
  /** Permission bits. @default 0o755 */
  readonly mode?: number
  /** @default 0 */
  readonly uid?: number
  /** @default 0 */
  readonly gid?: number
  /** @default 1970 */
  readonly time?: Timestamp
}

export function emptyRoot(options: EmptyRoot = {}): TreeInode {
  const root = new TreeInode(
    rootIno,
    FileType.directory | ((options.mode ?? 0o755) & ~FileType.mask),
  )
  root.nlink = 2
  root.uid = options.uid ?? 0
  root.gid = options.gid ?? 0
  root.atime = root.mtime = root.ctime = options.time ?? { sec: 0, nsec: 0 }
  return root
}
