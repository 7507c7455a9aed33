import type { BlobMetadata, Codec, Sliver } from '../../redstuff/codec.ts'
import type { BlobId } from '../../terms/blob-id.ts'

/** One call of the codec takes so many slivers or bytes of one blob. */
const maxBatchSlivers = 64
const maxBatchBytes = 8 << 20
/** So many calls run at once: enough to keep the codec's workers busy. */
const maxRunning = 4

interface Waiting {
  readonly sliver: Sliver
  readonly resolve: (valid: boolean) => void
  readonly reject: (error: unknown) => void
}

interface BlobQueue {
  readonly metadata: BlobMetadata
  readonly waiting: Waiting[]
}

/**
 * Verifies slivers of all nodes through the codec, off the main thread. Slivers of one blob that arrive while others are
 * being verified share a call.
 */
export class SliverVerifier {
  readonly #codec: Codec
  readonly #queues = new Map<BlobId, BlobQueue>()
  readonly #end = new AbortController()
  #running = 0
  #scheduled = false

  constructor(codec: Codec) {
    this.#codec = codec
  }

  /** Whether the sliver is the one that the metadata describe. */
  verify(metadata: BlobMetadata, sliver: Sliver): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(metadata.blobId) ?? { metadata, waiting: [] }
      queue.waiting.push({ sliver, resolve, reject })
      this.#queues.set(metadata.blobId, queue)
      this.#schedule()
    })
  }

  /** Rejects what is waiting. */
  close(): void {
    this.#end.abort(new Error('the storage nodes are closing'))
    this.#schedule()
  }

  /** After this turn, so that slivers that arrive together go together. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#start()
    })
  }

  #start(): void {
    // A queue that is put back is visited again by the same loop.
    for (const [blobId, queue] of this.#queues) {
      if (this.#running >= maxRunning) return
      const batch = takeBatch(queue.waiting)
      this.#queues.delete(blobId)
      if (queue.waiting.length > 0) this.#queues.set(blobId, queue)
      this.#running++
      void this.#run(queue.metadata, batch)
    }
  }

  async #run(metadata: BlobMetadata, batch: readonly Waiting[]): Promise<void> {
    try {
      const slivers = batch.map(({ sliver }) => sliver)
      const valid = await this.#codec.verify(metadata, slivers, this.#end.signal)
      for (const [at, { resolve }] of batch.entries()) resolve(valid[at] === true)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      this.#running--
      this.#schedule()
    }
  }
}

function takeBatch(waiting: Waiting[]): Waiting[] {
  let count = 0
  for (let bytes = 0; count < waiting.length && count < maxBatchSlivers; count++) {
    bytes += waiting[count]!.sliver.data.length
    if (count > 0 && bytes > maxBatchBytes) break
  }
  return waiting.splice(0, count)
}
