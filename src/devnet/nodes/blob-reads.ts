import { sliverBcsBytes } from '../../redstuff/sliver-bcs.ts'
import { sliverOfPair } from '../../redstuff/sliver-pair.ts'
import type { Axis } from '../../redstuff/codec.ts'
import { blobIdBytes, type BlobId } from '../../terms/blob-id.ts'
import { indexOutOfRange, metadataNotFound, shardNotAssigned, sliverNotFound } from './api-error.ts'
import type { BlobFile } from './blob-file.ts'
import { sliverBytesOf } from './blob-layout.ts'
import type { BufferPool } from './buffer-pool.ts'
import { dataReply, type NodeParts, type Reply } from './node-parts.ts'

/** The calls that give back what is stored. */
export class BlobReads {
  readonly #parts: NodeParts

  constructor(parts: NodeParts) {
    this.#parts = parts
  }

  /** BlobMetadataWithId. */
  async metadata(blobId: BlobId): Promise<Reply> {
    const { files, view } = this.#parts
    if (!view.registration(blobId)) throw metadataNotFound()
    const bcs = await files.use(blobId, async (file) => file.metadataBcs)
    if (!bcs) throw metadataNotFound()
    return { kind: 'bytes', bytes: Buffer.concat([blobIdBytes(blobId), bcs]) }
  }

  metadataStatus(blobId: BlobId): Reply {
    return dataReply(this.#parts.files.has(blobId) ? 'stored' : 'nonexistent')
  }

  /** SliverData. */
  async sliver(blobId: BlobId, pair: number, axis: Axis): Promise<Reply> {
    const { files, pool, shards, view } = this.#parts
    if (pair >= shards.total) throw indexOutOfRange(pair, shards.total)
    if (!view.registration(blobId)) throw sliverNotFound()
    const slot = this.#slotOf(blobId, pair)
    const bytes = await files.use(blobId, (file) => {
      const index = sliverOfPair(axis, pair, shards.total)
      return readFramed(file, axis, slot, index, pool)
    })
    if (!bytes) throw sliverNotFound()
    return { kind: 'bytes', bytes, sent: () => pool.give(bytes) }
  }

  async sliverStatus(blobId: BlobId, pair: number, axis: Axis): Promise<Reply> {
    const { files, pending, shards } = this.#parts
    if (pair >= shards.total) throw indexOutOfRange(pair, shards.total)
    const slot = this.#slotOf(blobId, pair)
    if (await files.use(blobId, async (file) => file.has(axis, slot))) return dataReply('stored')
    return dataReply(pending.has(blobId, axis, pair) ? 'buffered' : 'nonexistent')
  }

  #slotOf(blobId: BlobId, pair: number): number {
    const { shards, view } = this.#parts
    const slot = shards.slotOfPair(blobId, pair)
    if (slot === undefined) throw shardNotAssigned(shards.shardOfPair(blobId, pair), view.epoch)
    return slot
  }
}

/** A sliver as SliverData; undefined when it is not here. */
async function readFramed(
  file: BlobFile,
  axis: Axis,
  slot: number,
  index: number,
  pool: BufferPool,
): Promise<Buffer | undefined> {
  if (!file.has(axis, slot)) return undefined
  const length = sliverBytesOf(file.layout, axis)
  const bcs = pool.take(sliverBcsBytes(length))
  const data = frameSliver(bcs, length, file.layout.symbolBytes, index)
  return (await file.read(axis, slot, data)) ? bcs : undefined
}

/** Writes what SliverData has around its symbols; the symbols are the caller's to fill in. */
function frameSliver(bcs: Buffer, length: number, symbolBytes: number, index: number): Buffer {
  let at = 0
  for (let rest = length; ; rest >>>= 7) {
    bcs[at++] = rest < 128 ? rest : (rest & 127) | 128
    if (rest < 128) break
  }
  bcs.writeUInt16LE(symbolBytes, at + length)
  bcs.writeUInt16LE(index, at + length + 2)
  return bcs.subarray(at, at + length)
}
