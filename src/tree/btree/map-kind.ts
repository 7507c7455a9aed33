import type { ByteReader } from '../format/byte-reader.ts'
import type { ByteWriter } from '../format/byte-writer.ts'
import type { BlobWriter } from '../format/ref-format.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { NodePage } from './node-page.ts'

/** What is summed up over the entries below a node. */
export interface Totals {
  readonly count: number
  readonly inodes: number
  readonly bytes: number
}

/**
 * What one kind of stored map holds: an ordered map from keys, strings of bytes, to values. Nodes say the kind's code; how
 * a value is written, checked and weighed is the kind's.
 */
export interface MapKind<V> {
  readonly code: number
  /** For messages: `a directory`. */
  readonly what: string
  /** Throws FormatError for a key that cannot be. */
  checkKey(key: string): void
  /** About how many bytes the value takes; depends on the value alone, not on where it is stored. */
  weight(value: V): number
  totals(value: V): Omit<Totals, 'count'>
  write(out: ByteWriter, blobs: BlobWriter, value: V): void
  /** Reads all of the input. Throws FormatError. */
  read(input: ByteReader, page: NodePage, key: string): V
  /** Pieces of files that the value itself refers to, each once. */
  pieces(value: V): Iterable<PieceRef>
  /** Maps whose roots it refers to. */
  subtrees(value: V): Iterable<Subtree>
}

/** A map that hangs on a record: the names of a directory or the extents of a file. */
export interface Subtree {
  readonly of: 'directory' | 'extents'
  readonly node: PieceRef
}

/** One entry of a leaf. */
export type Entry<V> = readonly [key: string, value: V]

/** One entry of an inner node. The key is the greatest one below it. */
export interface Child extends Totals {
  readonly key: string
  readonly ref: PieceRef
}
