import type { BlobId } from '../terms/blob-id.ts'
import type { PieceRef } from './piece-ref.ts'

/**
 * Gives the plain bytes of a piece, checked against its hash: at once where they are in memory or on the local
 * disk, else as a promise. How the tree, which does no I/O, reaches its stored nodes.
 */
export interface NodeSource {
  piece(ref: PieceRef): Uint8Array | Promise<Uint8Array>
}

/** How a reference names its pack in the encoded form: `self` for the pack that the node itself goes to. */
export type PackNaming = (ref: PieceRef) => BlobId | 'self'

/**
 * Takes nodes while a tree is written and says where each lies. A pack is named by a hash of its bytes, so an open
 * pack has no id yet: references into it carry a placeholder for a blob id, opaque to the tree, which `naming` turns
 * into `self` or into the real id, and which `resolve` replaces when everything is written.
 */
export interface NodeSink {
  /**
   * Stores one node; children come before their parents. `encode` is pure and may be called more than once (when the
   * node does not fit into the open pack and the next one is begun).
   */
  put(encode: (naming: PackNaming) => Uint8Array): PieceRef | Promise<PieceRef>
  /** The reference with its real blob id. Only after the last pack was closed. */
  resolve(ref: PieceRef): PieceRef
}
