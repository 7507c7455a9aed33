import type { Inode } from '../tree/inode.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { Slice } from '../tree/slice.ts'

/**
 * Where dirty bytes wait: segment files in the state directory, appended to, read and written with synchronous calls.
 * Never evicted. One fdatasync makes many small files durable.
 */
export interface StagingApi {
  /** Bytes in segments that are not released. */
  readonly bytes: number
  /** No byte is written over: `overwrite` is always refused. */
  readonly appendOnly: boolean
  /** Stores bytes and says where. Throws FsError ENOSPC when the state disk is full or the limit is reached, EIO. */
  write(bytes: Uint8Array): Slice
  /**
   * Stores bytes right behind those of a slice, where that is the last one: returns a slice of both. The given one still
   * shows its bytes, and an overwrite of either shows in both. Undefined: make a new slice.
   */
  extend(slice: Slice, bytes: Uint8Array): Slice | undefined
  /**
   * Overwrites part of a slice in place; allowed only for slices made since the last `seal`. False: make a new
   * slice.
   */
  overwrite(slice: Slice, at: number, bytes: Uint8Array): boolean
  /** The slice is about to show in a second place: no `overwrite` or `extend` of it any more. */
  share(slice: Slice): void
  /** Reads bytes of a slice into a buffer, all of it. Throws FsError EIO where they are not there any more. */
  read(slice: Slice, at: number, into: Uint8Array): void
  /** Everything written before is on stable storage when it resolves. */
  sync(): Promise<void>
  /** Called at a freeze: slices made so far change no more, later ones go to new segments. Returns the last segment before. */
  seal(): number
  /**
   * Deletes all segments up to this one, but those in which one of the slices `shown` lies: the others are settled.
   * (`shown`: `worktree.slices()`, for a file without a name is in no commit and may still be open.) After the journal's
   * records that name them have been dropped, so that no replay finds records without bytes.
   */
  release(upTo: number, shown: Iterable<Slice>): Promise<void>
  /** Path of a segment's file, for workers that pack from it. */
  pathOf(segment: number): string
  /**
   * At start, after replay: deletes segments that no replayed slice lies in. Returns the slices whose bytes are not all
   * there (lost or damaged files); reads of them give EIO.
   */
  retainOnly(slices: Iterable<Slice>): Promise<readonly Slice[]>
  close(): Promise<void>
}

/** The bytes of files. */
export interface Content extends NodeSource {
  /**
   * Reads [offset, offset + into.length) of a file, clipped at its size. A number: that many bytes are in `into` now.
   * A promise: the bytes come from the network, in a buffer of their own, as they were at the call. Errors: FsError EIO,
   * ETIMEDOUT, EINTR when the signal aborts.
   */
  read(
    inode: Inode,
    offset: number,
    into: Uint8Array,
    signal?: AbortSignal,
  ): number | Promise<Uint8Array>
  /** Tells the read-ahead that a handle is read, to be called with each read. */
  readAhead(handle: object, inode: Inode, offset: number, length: number): void
  /** The handle is closed: its read-ahead is forgotten. */
  forget(handle: object): void
  /**
   * Puts bytes into staging and returns the slices with the offset each belongs at, which may lie before `offset`: a
   * slice grown at its end. Where the range is covered by a recent slice of this file it is overwritten in place and
   * nothing is returned. Errors: FsError ENOSPC, EIO, EROFS.
   */
  write(
    inode: Inode,
    offset: number,
    bytes: Uint8Array,
  ): readonly { readonly offset: number; readonly slice: Slice }[]
  /**
   * Before a `clone` change: slices of this range are about to show in another place, too, and must not be overwritten
   * in place any more.
   */
  share(inode: Inode, offset: number, length: number): void
  /** Everything written and every change journaled before is on stable storage. */
  sync(): Promise<void>
}

/** Counts since the start; bytes and pieces of the network are stored ones. */
export interface ContentStats {
  /** Store reads, pieces and bytes that came from the network. */
  readonly fetches: number
  readonly fetchedPieces: number
  readonly fetchedBytes: number
  /** Pieces that did not match their hash or could not be decoded. */
  readonly damagedPieces: number
  /** Fetches that failed for good. */
  readonly failures: number
  /** Bytes asked for ahead, and of those pieces the bytes that were read later. */
  readonly readAheadBytes: number
  readonly readAheadHitBytes: number
}
