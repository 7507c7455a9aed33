import type { PieceRef } from './piece-ref.ts'

/**
 * Gives the plain bytes of a piece, checked against its hash: at once where they are in memory or on the local
 * disk, else as a promise. How the tree, which does no I/O, reaches its stored nodes.
 */
export interface NodeSource {
  piece(ref: PieceRef): Uint8Array | Promise<Uint8Array>
}

/** Takes encoded nodes while a tree is written and says where each will lie. */
export interface NodeSink {
  /** Children are given before their parents. */
  put(node: Uint8Array): PieceRef | Promise<PieceRef>
}
