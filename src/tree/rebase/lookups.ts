import type { Name } from '../../terms/name.ts'
import type { NodeReader } from '../btree/node-reader.ts'
import { find } from '../btree/read-map.ts'
import { directoryKind } from '../kinds/directory-kind.ts'
import type { DirectoryValue } from '../kinds/directory-kind.ts'
import { integerKey } from '../kinds/integer-key.ts'
import { linksKind } from '../kinds/links-kind.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { Steps } from '../steps.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'

/** Look-ups in committed trees, each made once: whoever asks again is answered in the same turn. */
export class Lookups {
  readonly #reader: NodeReader
  readonly #names = new Map<string, DirectoryValue | undefined>()
  readonly #linked = new Map<string, TreeInode | undefined>()

  constructor(reader: NodeReader) {
    this.#reader = reader
  }

  /** What a name means in a stored directory. */
  *name(directory: PieceRef | undefined, name: Name): Steps<DirectoryValue | undefined> {
    if (!directory) return undefined
    const key = `${placeOf(directory)} ${name}`
    if (!this.#names.has(key)) {
      this.#names.set(key, yield* find(this.#reader, directoryKind, directory, name))
    }
    return this.#names.get(key)
  }

  /** An inode of a stored table of hard links. */
  *linked(table: PieceRef | undefined, ino: number): Steps<TreeInode | undefined> {
    if (!table) return undefined
    const key = `${placeOf(table)} ${ino}`
    if (!this.#linked.has(key)) {
      this.#linked.set(key, yield* find(this.#reader, linksKind, table, integerKey(ino)))
    }
    return this.#linked.get(key)
  }
}

function placeOf(ref: PieceRef): string {
  return `${ref.blob} ${ref.offset}`
}
