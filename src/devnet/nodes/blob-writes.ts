import { FormatError } from '../../redstuff/byte-reader.ts'
import type { Axis, BlobMetadata, Sliver } from '../../redstuff/codec.ts'
import { codeParameters, sliverBytes } from '../../redstuff/parameters.ts'
import { decodeSliver } from '../../redstuff/sliver-bcs.ts'
import { pairOfSliver } from '../../redstuff/sliver-pair.ts'
import { SingleFlight } from '../../runtime/single-flight.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import {
  indexOutOfRange,
  invalidSliver,
  metadataMissing,
  notBcs,
  notRegistered,
  shardNotAssigned,
  sliverIndexMismatch,
} from './api-error.ts'
import { dataReply, type NodeParts, type Reply } from './node-parts.ts'
import type { PendingBlob } from './pending-uploads.ts'

/** Where a sliver is to go. */
interface SliverAddress {
  readonly blobId: BlobId
  readonly pair: number
  readonly axis: Axis
}

/** The calls that store: everything is verified before it is kept. */
export class BlobWrites {
  readonly #parts: NodeParts
  readonly #flushing = new SingleFlight<BlobId, void>()

  constructor(parts: NodeParts) {
    this.#parts = parts
  }

  async putMetadata(blobId: BlobId, bcs: Uint8Array, pending: boolean): Promise<Reply> {
    const { files, view, reader } = this.#parts
    const metadata = reader.read(blobId, bcs)
    if (files.has(blobId) || this.#parts.pending.get(blobId)) {
      return dataReply('metadata already stored')
    }
    if (view.registration(blobId)) {
      const made = await this.#create(metadata, bcs)
      return made
        ? dataReply('metadata successfully stored', 201)
        : dataReply('metadata already stored')
    }
    if (!pending) throw notRegistered()
    this.#parts.pending.addMetadata(metadata, bcs)
    return dataReply('metadata buffered pending registration', 202)
  }

  async putSliver(address: SliverAddress, bcs: Uint8Array, pending: boolean): Promise<Reply> {
    const sliver = this.#parse(address, bcs)
    const metadata = await this.#metadataFor(address.blobId, pending)
    const slot = this.#slotOf(address)
    if (await this.#holds(address, slot)) return dataReply('sliver already stored')
    await this.#verify(metadata, sliver)
    const stored = await this.#keep(address, slot, sliver)
    if (!stored) return dataReply('sliver already stored')
    return pending && !this.#parts.files.has(address.blobId)
      ? dataReply('sliver buffered pending registration', 202)
      : dataReply('sliver stored successfully', 201)
  }

  /** Stores what came before the registration; to be called when it is known. */
  async flush(blobId: BlobId): Promise<void> {
    if (!this.#parts.pending.get(blobId)) return
    await this.#flushing.run(blobId, async () => {
      const blob = this.#parts.pending.get(blobId)
      if (!blob) return
      await this.#create(blob.metadata, blob.bcs)
      await this.#storeAll(blobId, blob)
      this.#parts.pending.take(blobId)
    })
  }

  /** A blob that ended while it was being made must not stay. */
  async #create(metadata: BlobMetadata, bcs: Uint8Array): Promise<boolean> {
    const { files, view } = this.#parts
    const made = await files.create(metadata, bcs)
    if (!view.registration(metadata.blobId)) {
      await files.remove(metadata.blobId)
      throw notRegistered()
    }
    return made
  }

  async #storeAll(blobId: BlobId, blob: PendingBlob): Promise<void> {
    await this.#parts.files.use(blobId, async (file) => {
      for (const { pair, sliver } of blob.slivers.values()) {
        const slot = this.#parts.shards.slotOfPair(blobId, pair)
        if (slot !== undefined) await file.write(sliver.axis, slot, sliver.data)
      }
    })
  }

  #parse({ pair, axis }: SliverAddress, bcs: Uint8Array): Sliver {
    const { total } = this.#parts.shards
    if (pair >= total) throw indexOutOfRange(pair, total)
    const sliver = decodeSliverBody(axis, bcs)
    if (sliver.index >= total || pairOfSliver(axis, sliver.index, total) !== pair) {
      throw sliverIndexMismatch(sliver.index, pair)
    }
    return sliver
  }

  async #metadataFor(blobId: BlobId, pending: boolean): Promise<BlobMetadata> {
    const { files, view } = this.#parts
    const stored = await files.use(blobId, async ({ metadata }) => metadata)
    const metadata = stored ?? this.#parts.pending.get(blobId)?.metadata
    if (metadata) return metadata
    throw pending || view.registration(blobId) ? metadataMissing() : notRegistered()
  }

  #slotOf({ blobId, pair }: SliverAddress): number {
    const { shards, view } = this.#parts
    const slot = shards.slotOfPair(blobId, pair)
    if (slot === undefined) {
      throw shardNotAssigned(shards.shardOfPair(blobId, pair), view.epoch)
    }
    return slot
  }

  async #holds({ blobId, axis, pair }: SliverAddress, slot: number): Promise<boolean> {
    const stored = await this.#parts.files.use(blobId, async (file) => file.has(axis, slot))
    return stored ?? this.#parts.pending.has(blobId, axis, pair)
  }

  async #verify(metadata: BlobMetadata, sliver: Sliver): Promise<void> {
    const parameters = codeParameters(metadata.shards, metadata.unencodedLength)
    if (sliver.symbolBytes !== parameters.symbolBytes) {
      throw invalidSliver('the symbol size of the provided sliver does not match the metadata')
    }
    if (sliver.data.length !== sliverBytes(parameters, sliver.axis)) {
      throw invalidSliver('the length of the provided sliver does not match the metadata')
    }
    if (await this.#parts.verifier.verify(metadata, sliver)) return
    throw invalidSliver(
      'the recomputed Merkle root of the provided sliver does not match the metadata',
    )
  }

  /** False when somebody else has stored it in the meantime. */
  async #keep(
    { blobId, axis, pair }: SliverAddress,
    slot: number,
    sliver: Sliver,
  ): Promise<boolean> {
    const { files, pending } = this.#parts
    do {
      const stored = await files.use(blobId, async (file) => {
        if (file.has(axis, slot)) return false
        await file.write(axis, slot, sliver.data)
        return true
      })
      if (stored !== undefined) return stored
      if (pending.get(blobId)) return pending.addSliver(blobId, pair, sliver)
    } while (files.has(blobId))
    throw notRegistered()
  }
}

function decodeSliverBody(axis: Axis, bcs: Uint8Array): Sliver {
  try {
    return decodeSliver(axis, bcs)
  } catch (error) {
    throw error instanceof FormatError ? notBcs({ cause: error }) : error
  }
}
