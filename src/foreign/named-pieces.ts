import { hash } from 'node:crypto'
import type { BlobStore } from '../store/blob-store.ts'
import { StoreError } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { Compression, Seal } from '../terms/piece-coding.ts'
import type { PieceHash } from '../terms/piece-hash.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { View } from './view.ts'

/**
 * A range of a view as a piece of content, named by where it lies: nobody knows the hash of its bytes before they are there.
 * The view has checked them.
 */
export function namedPiece(view: View, offset: number, length: number): PieceRef {
  return pieceOf(view, offset, length, nameHash(view.name, offset, length))
}

/** A range of a view whose hash is known: it is checked by that, and cached by that alone, wherever else it lies. */
export function hashedPiece(view: View, offset: number, length: number, hash: PieceHash): PieceRef {
  return pieceOf(view, offset, length, hash)
}

/** Whether a piece is named by where it lies. */
export function isNamed(ref: PieceRef): boolean {
  return ref.hash === nameHash(ref.blob, ref.offset, ref.storedLength)
}

/** All views of a mount, by name: what its pieces are read from. */
export class Views implements Pick<BlobStore, 'read'> {
  readonly #views = new Map<string, View>()

  /** The view of that name that is known, or this one from now on. */
  add<T extends View>(view: T): T {
    const known = this.#views.get(view.name)
    if (known) return known as T
    this.#views.set(view.name, view)
    return view
  }

  read(name: BlobId, offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    const view = this.#views.get(name)
    if (!view) throw new StoreError('not-found', `nothing is known as ${name}`)
    return view.read(offset, length, signal)
  }
}

function pieceOf(view: View, offset: number, length: number, hash: PieceHash): PieceRef {
  return {
    // To content and caches a view is a blob like any other.
    blob: view.name as BlobId,
    offset,
    storedLength: length,
    length,
    hash,
    compression: Compression.none,
    seal: Seal.none,
  }
}

function nameHash(name: string, offset: number, length: number): PieceHash {
  return hash('sha256', `walrusfs ${name} ${offset} ${length}`, 'base64url') as PieceHash
}
