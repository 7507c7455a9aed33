import type { Clock } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import type { BlobMetadata, Codec } from '../../redstuff/codec.ts'
import { abortable } from '../abortable.ts'
import { StoreError } from '../blob-store.ts'
import type {
  EncodedBlob,
  PackFile,
  RegisteredBlob,
  UploadedBlob,
  UploadProgress,
} from '../blob-store.ts'
import { ByteBudget } from '../byte-budget.ts'
import type { BlobObjects } from '../chain/blob-objects.ts'
import type { WalrusChain, WalrusState } from '../chain/walrus-chain.ts'
import type { StorageNodes } from '../nodes/storage-nodes.ts'
import { BlobUpload } from './blob-upload.ts'
import { EncodedBlobs } from './encoded-blobs.ts'
import { Signatures } from './signatures.ts'
import { SliverBuffers } from '../sliver-buffers.ts'

export interface BlobWriterOptions {
  readonly chain: WalrusChain
  readonly objects: BlobObjects
  readonly nodes: StorageNodes
  readonly codec: Codec
  readonly clock: Clock
  readonly log: Log
  readonly encodedBytes: number
  readonly uploadBytes: number
  readonly latecomerMs: number
  readonly registrationMs: number
  /** Told the metadata of blobs that were encoded here. */
  readonly learned: (metadata: BlobMetadata) => void
}

/** An epoch may change once or twice while a large blob is on its way, not for ever. */
const committees = 3

/** Encodes blobs and brings them to the nodes. */
export class BlobWriter {
  readonly #options: BlobWriterOptions
  readonly #encoded: EncodedBlobs
  readonly #signatures = new Signatures()
  readonly #budget: ByteBudget
  readonly #buffers: SliverBuffers
  readonly #uploads = new Set<BlobUpload>()

  constructor(options: BlobWriterOptions) {
    this.#options = options
    this.#encoded = new EncodedBlobs(options.codec, options.encodedBytes)
    this.#budget = new ByteBudget(options.uploadBytes)
    this.#buffers = new SliverBuffers(options.uploadBytes)
  }

  async encode(pack: PackFile, signal: AbortSignal): Promise<EncodedBlob> {
    const { shards } = await this.#options.chain.state(signal)
    const metadata = await this.#encoded.encode(shards, pack, signal)
    const { blobId, rootHash, unencodedLength: bytes } = metadata
    return { blobId, rootHash, bytes }
  }

  async upload(
    blob: RegisteredBlob,
    pack: PackFile,
    progress: UploadProgress,
    signal: AbortSignal,
  ): Promise<UploadedBlob> {
    const { chain } = this.#options
    let state = await chain.state(signal)
    for (let committee = 1; ; committee++) {
      try {
        return await this.#uploadTo(state, blob, pack, progress, signal)
      } catch (error) {
        signal.throwIfAborted()
        const stale = error instanceof StoreError && error.code === 'stale-epoch'
        if (!stale || committee >= committees) throw await this.#explained(error, blob)
        state = await chain.refresh(signal)
      }
    }
  }

  /** Waits until no latecomers are served any more. */
  async settle(signal: AbortSignal): Promise<void> {
    const settled = Promise.all([...this.#uploads].map((upload) => upload.settled))
    await abortable(settled, signal)
  }

  async close(): Promise<void> {
    for (const upload of this.#uploads) upload.abort(new Error('the store is closed'))
    await this.settle(AbortSignal.timeout(5000)).catch(() => {})
    this.#encoded.close()
    this.#buffers.clear()
    await this.#signatures.close()
  }

  async #uploadTo(
    state: WalrusState,
    blob: RegisteredBlob,
    pack: PackFile,
    progress: UploadProgress,
    signal: AbortSignal,
  ): Promise<UploadedBlob> {
    const { nodes, clock, log, latecomerMs, registrationMs, chain, learned } = this.#options
    const held = await this.#encoded.open(state.shards, blob.blobId, pack, signal)
    learned(held.slivers.metadata)
    const upload = new BlobUpload(
      {
        nodes,
        signatures: this.#signatures,
        budget: this.#budget,
        buffers: this.#buffers,
        clock,
        log,
        latecomerMs,
        registrationMs,
        epochNow: async (own) => (await chain.refresh(own)).epoch,
      },
      blob,
      state.committee,
      held,
    )
    this.#uploads.add(upload)
    void upload.settled.then(() => this.#uploads.delete(upload))
    const certificate = await upload.run(progress, signal)
    return { ...blob, epoch: state.epoch, certificate }
  }

  /** Nodes that see no registration may only be behind the chain: the chain itself knows. */
  async #explained(error: unknown, blob: RegisteredBlob): Promise<unknown> {
    if (!(error instanceof StoreError && error.code === 'not-found')) return error
    const object = await this.#options.objects.read(blob.objectId).catch(() => undefined)
    const epoch = this.#options.chain.known?.epoch ?? 0
    if (!object || object.endEpoch <= epoch) return error
    const text = `the nodes do not see the registration of ${blob.blobId} yet`
    return new StoreError('unreachable', text, { cause: error })
  }
}
