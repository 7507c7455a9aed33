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
  /** Stores bytes and says where. Throws FsError ENOSPC when the state disk is full or the limit is reached. */
  write(bytes: Uint8Array): Slice
  /**
   * Overwrites part of a slice in place; allowed only for slices made since the last `seal`. False: make a new
   * slice.
   */
  overwrite(slice: Slice, at: number, bytes: Uint8Array): boolean
  /** Reads bytes of a slice into a buffer, all of it. */
  read(slice: Slice, at: number, into: Uint8Array): void
  /** Everything written before is on stable storage when it resolves. */
  sync(): Promise<void>
  /** Called at a freeze: slices made so far change no more, later ones go to new segments. Returns the last segment before. */
  seal(): number
  /** Deletes all segments up to this one: their slices are settled. */
  release(upTo: number): Promise<void>
  /** Path of a segment's file, for workers that pack from it. */
  pathOf(segment: number): string
  /** At start, after replay: deletes bytes that no replayed slice names. */
  retainOnly(slices: Iterable<Slice>): Promise<void>
  close(): Promise<void>
}

/** The bytes of files. */
export interface Content extends NodeSource {
  /**
   * Reads [offset, offset + into.length) of a file, clipped at its size. A number: that many bytes are in `into` now.
   * A promise: the bytes come from the network, in a buffer of their own. Errors: FsError EIO, ETIMEDOUT.
   */
  read(inode: Inode, offset: number, into: Uint8Array): number | Promise<Uint8Array>
  /** Tells the read-ahead that a handle is read, to be called with each read. */
  readAhead(handle: object, inode: Inode, offset: number, length: number): void
  /** The handle is closed: its read-ahead is forgotten. */
  forget(handle: object): void
  /**
   * Puts bytes into staging and returns the slices with the offset each belongs at (one, unless it was split). Where the
   * range is covered by a recent slice of this file it is overwritten in place and nothing is returned.
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
