import type { BlobId } from '../../terms/blob-id.ts'
import { Compression, Seal } from '../../terms/piece-coding.ts'
import { pieceHashOf, type PieceHash } from '../../terms/piece-hash.ts'
import type { NodeSink, NodeSource, PackNaming } from '../node-source.ts'
import type { PieceRef } from '../piece-ref.ts'

/** Stands for the blob of nodes that are in memory only. No blob id has such characters. */
export const inlineBlob = '(inline)' as BlobId

const prefix = Buffer.from('in memory: ')

/**
 * Nodes of trees as records in the manifest make them, for as long as such trees are compared. The same node twice is one;
 * no stored node is ever taken for one of them, so that what is looked for in both is found where it is stored.
 */
export class InlineNodes implements NodeSource, NodeSink {
  readonly #source: NodeSource
  readonly #nodes: Uint8Array[] = []
  readonly #refs = new Map<PieceHash, PieceRef>()

  /** `source` has all other nodes. */
  constructor(source: NodeSource) {
    this.#source = source
  }

  piece(ref: PieceRef): Uint8Array | Promise<Uint8Array> {
    return ref.blob === inlineBlob ? this.#nodes[ref.offset]! : this.#source.piece(ref)
  }

  put(encode: (naming: PackNaming) => Uint8Array): PieceRef {
    const bytes = encode(({ blob }) => (blob === inlineBlob ? 'self' : blob))
    const hash = pieceHashOf(Buffer.concat([prefix, bytes]))
    const known = this.#refs.get(hash)
    if (known) return known
    const ref = {
      blob: inlineBlob,
      offset: this.#nodes.length,
      storedLength: bytes.length,
      length: bytes.length,
      hash,
      compression: Compression.none,
      seal: Seal.none,
    }
    this.#nodes.push(bytes)
    this.#refs.set(hash, ref)
    return ref
  }

  resolve(ref: PieceRef): PieceRef {
    return ref
  }
}
