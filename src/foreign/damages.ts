import { isNamed } from './named-pieces.ts'
import { pieceHashOf } from '../terms/piece-hash.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { FileSource, ListedFile } from './listing.ts'
import type { ListedInode } from './listed-inode.ts'

/** Bytes that are stored and are not what a hash promises. */
export class Damages {
  readonly #places = new Set<string>()
  readonly #files = new WeakSet<ListedFile>()

  /** Whether bytes of a view are those of the piece; notes where they are not. */
  readonly matches = (ref: PieceRef, stored: Uint8Array): boolean => {
    if (stored.length !== ref.storedLength) return false
    if (isNamed(ref) || pieceHashOf(stored) === ref.hash) return true
    this.#places.add(keyOf(ref.blob, ref.offset, ref.hash))
    return false
  }

  /** A file was read to its end and is not what its hash promises. */
  add({ source }: ListedInode): void {
    if (source) this.note(source)
  }

  note({ view, offset, hash }: FileSource): void {
    this.#places.add(keyOf(view.name, offset, hash))
  }

  /** A file's bytes are not what a hash promises, so that not even its size is known. */
  addFile(file: ListedFile): void {
    this.#files.add(file)
  }

  hasFile(file: ListedFile): boolean {
    return this.#files.has(file)
  }

  has(source: FileSource | undefined): boolean {
    if (!source || this.#places.size === 0) return false
    return this.#places.has(keyOf(source.view.name, source.offset, source.hash))
  }
}

function keyOf(view: string, offset: number, hash: string | undefined): string {
  return `${view} ${offset} ${hash}`
}
