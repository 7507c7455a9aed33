import type { NodeReader } from '../btree/node-reader.ts'
import { find } from '../btree/read-map.ts'
import { damaged } from '../format-error.ts'
import { FileType } from '../inode.ts'
import { LinkedName } from '../kinds/directory-kind.ts'
import type { DirectoryValue } from '../kinds/directory-kind.ts'
import { integerKey } from '../kinds/integer-key.ts'
import { linksKind } from '../kinds/links-kind.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { Steps } from '../steps.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'

/** The record of what a name means, from the table of hard links where it lies there. Throws FormatError. */
export function* recordOf(
  reader: NodeReader,
  links: PieceRef | undefined,
  value: DirectoryValue,
): Steps<TreeInode> {
  if (!(value instanceof LinkedName)) return value
  const record = links && (yield* find(reader, linksKind, links, integerKey(value.ino)))
  if (record && (record.mode & FileType.mask) === value.type) return record
  throw damaged(`the table of hard links does not have inode ${value.ino} as its name says`)
}
