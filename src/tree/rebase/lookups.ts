import type { Name } from '../../terms/name.ts'
import type { NodeReader } from '../btree/node-reader.ts'
import { find } from '../btree/read-map.ts'
import { directoryKind } from '../kinds/directory-kind.ts'
import type { DirectoryValue } from '../kinds/directory-kind.ts'
import { integerKey } from '../kinds/integer-key.ts'
import { linksKind } from '../kinds/links-kind.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { Steps } from '../steps.ts'
import { TreeInode } from '../worktree/tree-inode.ts'
import { listInMemory } from './listed-extents.ts'

/** Look-ups in committed trees, each made once: whoever asks again is answered in the same turn. */
export class Lookups {
  readonly #reader: NodeReader
  readonly #names = new Memo<Name, DirectoryValue | undefined>()
  readonly #linked = new Memo<number, TreeInode | undefined>()

  constructor(reader: NodeReader) {
    this.#reader = reader
  }

  /** What a name means in a stored directory. */
  *name(directory: PieceRef | undefined, name: Name): Steps<DirectoryValue | undefined> {
    if (!directory) return undefined
    const known = this.#names.of(directory)
    if (!known.has(name)) {
      const value = yield* find(this.#reader, directoryKind, directory, name)
      if (value instanceof TreeInode) yield* listInMemory(this.#reader, value)
      known.set(name, value)
    }
    return known.get(name)
  }

  /** An inode of a stored table of hard links. */
  *linked(table: PieceRef | undefined, ino: number): Steps<TreeInode | undefined> {
    if (!table) return undefined
    const known = this.#linked.of(table)
    if (!known.has(ino)) {
      const inode = yield* find(this.#reader, linksKind, table, integerKey(ino))
      if (inode) yield* listInMemory(this.#reader, inode)
      known.set(ino, inode)
    }
    return known.get(ino)
  }
}

/** What is known of each stored map, found fast by the object that refers to it and surely by its place. */
class Memo<K, V> {
  readonly #byRef = new WeakMap<PieceRef, Map<K, V>>()
  readonly #byPlace = new Map<string, Map<K, V>>()

  of(ref: PieceRef): Map<K, V> {
    const known = this.#byRef.get(ref)
    if (known) return known
    const place = `${ref.blob} ${ref.offset}`
    const values = this.#byPlace.get(place) ?? new Map<K, V>()
    this.#byPlace.set(place, values)
    this.#byRef.set(ref, values)
    return values
  }
}
