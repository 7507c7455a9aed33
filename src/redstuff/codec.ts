import type { BlobId } from '../terms/blob-id.ts'

/** The two sliver axes: a primary sliver is a row of the matrix, a secondary one a column. */
export type Axis = 'primary' | 'secondary'

/** What follows from the number of shards and a blob's length (redstuff.md 1). */
export interface CodeParameters {
  readonly shards: number
  /** Rows of source symbols (n − 2f): symbols in a secondary sliver. */
  readonly primarySymbols: number
  /** Columns of source symbols (n − f): symbols in a primary sliver. */
  readonly secondarySymbols: number
  /** Bytes. */
  readonly symbolBytes: number
  /** Bytes of a primary and of a secondary sliver. */
  readonly primarySliverBytes: number
  readonly secondarySliverBytes: number
}

/** The hashes that authenticate every sliver of a blob (BlobMetadata V1). */
export interface BlobMetadata {
  readonly blobId: BlobId
  /** Root of the tree over all pairs of hashes, 32 bytes. */
  readonly rootHash: Uint8Array
  readonly unencodedLength: number
  readonly shards: number
  /** Per sliver pair: primary hash and secondary hash, 64 bytes each pair, pair 0 first. */
  readonly hashes: Uint8Array
}

/** A sliver as it is stored: its symbols back to back. */
export interface Sliver {
  readonly axis: Axis
  /** Sliver index (not pair index). */
  readonly index: number
  readonly symbolBytes: number
  readonly data: Uint8Array
}

/** One symbol on its way to recover a sliver, without proof. */
export interface DecodingSymbol {
  /** Index of the sliver it was taken from. */
  readonly index: number
  readonly data: Uint8Array
}

/** Lower runs first. */
export const CodecPriority = { read: 0, write: 1, background: 2 } as const
export type CodecPriority = (typeof CodecPriority)[keyof typeof CodecPriority]

export interface CodecOptions {
  /** @default CodecPriority.write */
  readonly priority?: CodecPriority
}

export interface EncodeOptions extends CodecOptions {
  /** From an earlier pass over the same bytes: hashing, about half of the work, is left out. */
  readonly metadata?: BlobMetadata
}

export interface DecodeOptions extends CodecOptions {
  /**
   * All slivers have passed `verify`: the default check leaves them out.
   * @default false
   */
  readonly verified?: boolean
}

/** All slivers of one blob, held in the codec's memory (or, for a large blob, its spool file) until `release`. */
export interface EncodedSlivers {
  readonly metadata: BlobMetadata
  /**
   * A copy of one sliver's SliverData in BCS, ready to be sent: ULEB length, symbols, u16 symbol size, u16 index.
   * A promise where it has to be read from a file first. With `into`, which must be long enough, the answer is a view
   * of it: reusing such bytes spares the page faults of new ones.
   */
  sliverBcs(pair: number, axis: Axis, into?: Uint8Array): Uint8Array | Promise<Uint8Array>
  /** Gives the memory back. Later calls throw. */
  release(): void
}

/** A blob to encode: its bytes, or a file's (read by the workers, never loaded by the caller). */
export type EncodeSource =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'file'
      readonly path: string
      readonly offset: number
      readonly length: number
    }

/**
 * The erasure code of Walrus (RS2), bit-exact with the official encoder, on a pool of worker threads.
 * Errors: `CodecError` with a code; an abort rejects with the signal's reason.
 */
export interface Codec {
  /** Blob id and hashes without slivers: cheaper. */
  metadata(
    shards: number,
    source: EncodeSource,
    signal: AbortSignal,
    options?: CodecOptions,
  ): Promise<BlobMetadata>
  encode(
    shards: number,
    source: EncodeSource,
    signal: AbortSignal,
    options?: EncodeOptions,
  ): Promise<EncodedSlivers>
  /** For each sliver whether its data is what the metadata says. A wrong length or index is false, not an error. */
  verify(
    metadata: BlobMetadata,
    slivers: readonly Sliver[],
    signal: AbortSignal,
    options?: CodecOptions,
  ): Promise<boolean[]>
  /** Rebuilds one sliver from symbols of crossing slivers and checks it against the metadata. */
  recover(
    metadata: BlobMetadata,
    target: { readonly axis: Axis; readonly index: number },
    symbols: readonly DecodingSymbol[],
    signal: AbortSignal,
    options?: CodecOptions,
  ): Promise<Sliver>
  /**
   * Rebuilds the whole blob from enough slivers of one axis. `default` checks the blob's systematic primary slivers
   * against the metadata, `strict` encodes anew and compares the blob id (which also tells a blob whose writer
   * encoded it inconsistently). A sliver of the wrong length or index, or a second one of an index, counts as
   * not given.
   */
  decode(
    metadata: BlobMetadata,
    slivers: readonly Sliver[],
    check: 'skip' | 'default' | 'strict',
    signal: AbortSignal,
    options?: DecodeOptions,
  ): Promise<Uint8Array>
  /** The symbol of a stored sliver that helps to recover `target` of the other axis. For storage nodes. */
  decodingSymbol(
    shards: number,
    source: Sliver,
    target: number,
    signal: AbortSignal,
  ): Promise<Uint8Array>
  /** The same with a Merkle proof against the source sliver's hash: sibling hashes from the leaf up (32 zero bytes: empty). */
  recoverySymbol(
    shards: number,
    source: Sliver,
    target: number,
    signal: AbortSignal,
  ): Promise<{ readonly data: Uint8Array; readonly proof: readonly Uint8Array[] }>
  close(): Promise<void>
}

export type CodecErrorCode =
  | 'too-large' // over the largest blob for this many shards
  | 'bad-shards' // fewer than 4, or more than the code allows
  | 'too-few' // not enough slivers or symbols
  | 'mismatch' // rebuilt bytes are not what the metadata says
  | 'worker-lost' // a worker thread died; trying again can help
  | 'closed'

export class CodecError extends Error {
  override readonly name = 'CodecError'
  readonly code: CodecErrorCode

  constructor(code: CodecErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
