import { CodecPriority, type BlobMetadata, type EncodedSlivers } from '../../redstuff/codec.ts'
import { decodeSliver } from '../../redstuff/sliver-bcs.ts'
import { systemClock } from '../../runtime/clock.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import type { BlobFile } from './blob-file.ts'
import type { NodeParts } from './node-parts.ts'
import { Peers, PeersUnavailable } from './peers.ts'

/** Larger blobs are not rebuilt. */
const maxBlobBytes = 512 << 20
const maxRetryMs = 300_000
const axes = ['primary', 'secondary'] as const

/** Blobs are rebuilt whole, in memory: one at a time, over all nodes. */
export class RecoveryTurn {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs when it is this caller's turn; rejects as soon as the signal aborts. */
  run(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const before = this.#last
    const turn = this.#after(before, signal).then(work)
    this.#last = Promise.allSettled([before, turn])
    return turn
  }

  async #after(before: Promise<unknown>, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
      void before.then(() => resolve())
    })
    signal.throwIfAborted()
  }
}

/**
 * Brings a node what it missed while it was down: slivers of certified blobs that it should hold and does not are
 * rebuilt from its peers. Real nodes do it sliver by sliver; whole blobs are cheaper when most slivers are missing.
 */
export class Recovery {
  readonly #parts: NodeParts
  readonly #peers: Peers
  readonly #turn: RecoveryTurn
  /** Milliseconds: a blob that was just certified may still be on its way to those whom the quorum did not need. */
  readonly #graceMs: number
  readonly #queue = new Set<BlobId>()
  readonly #end = new AbortController()
  readonly #unsubscribe: () => void
  #running: Promise<void> = Promise.resolve()
  #busy = false

  constructor(parts: NodeParts, ownAddress: string, turn: RecoveryTurn, graceMs: number) {
    this.#parts = parts
    this.#peers = new Peers(parts, ownAddress, this.#end.signal)
    this.#turn = turn
    this.#graceMs = graceMs
    this.#unsubscribe = parts.view.onEvent((event) => {
      if (event.type === 'BlobCertified' && !event.isExtension) this.#check([event.blobId])
    })
    const known = [...parts.view.registrations()].filter(({ certified }) => certified)
    this.#check(known.map(({ blobId }) => blobId))
  }

  /** Ends what runs and forgets what was to be done. */
  async close(): Promise<void> {
    this.#unsubscribe()
    this.#end.abort(new Error('the storage node stops'))
    await this.#running
  }

  #check(blobs: readonly BlobId[]): void {
    for (const blobId of blobs) this.#queue.add(blobId)
    if (this.#busy || this.#queue.size === 0) return
    this.#busy = true
    this.#running = this.#run().finally(() => (this.#busy = false))
  }

  async #run(): Promise<void> {
    const { signal } = this.#end
    let delay = this.#graceMs
    while (this.#queue.size > 0) {
      try {
        await systemClock.sleep(delay, signal)
      } catch {
        return
      }
      const before = this.#queue.size
      await this.#recoverQueued(signal)
      const stuck = this.#queue.size === before
      delay = stuck ? Math.min(Math.max(2 * delay, 1000), maxRetryMs) : this.#graceMs
    }
  }

  /** One try for each blob; those for which too few peers could help stay in the queue. */
  async #recoverQueued(signal: AbortSignal): Promise<void> {
    const queued = [...this.#queue]
    for (const blobId of queued) {
      if (signal.aborted) return
      try {
        if (await this.#isMissing(blobId)) {
          await this.#turn.run(() => this.#recover(blobId, signal), signal)
        }
        this.#queue.delete(blobId)
      } catch (error) {
        if (signal.aborted) return
        this.#parts.log.warn('a blob could not be recovered', { blobId, why: String(error) })
        if (!(error instanceof PeersUnavailable)) this.#queue.delete(blobId)
      }
    }
  }

  async #isMissing(blobId: BlobId): Promise<boolean> {
    if (!this.#parts.view.registration(blobId)?.certified) return false
    return !(await this.#parts.files.isComplete(blobId))
  }

  async #recover(blobId: BlobId, signal: AbortSignal): Promise<void> {
    const { codec, files, log } = this.#parts
    const { metadata, bcs } = await this.#peers.metadata(blobId)
    if (metadata.unencodedLength > maxBlobBytes)
      throw new Error('too large to be rebuilt in memory')
    const slivers = await this.#peers.primarySlivers(metadata)
    const priority = { priority: CodecPriority.background }
    const bytes = await codec.decode(metadata, slivers, 'default', signal, {
      ...priority,
      verified: true,
    })
    const source = { kind: 'bytes', bytes } as const
    const encoded = await codec.encode(metadata.shards, source, signal, { ...priority, metadata })
    try {
      await files.create(metadata, bcs)
      await files.use(blobId, (file) => this.#fill(file, metadata, encoded))
    } finally {
      encoded.release()
    }
    log.info('recovered a blob from other nodes', { blobId, bytes: metadata.unencodedLength })
  }

  /** Each sliver is checked once more: a dishonest writer's hashes need not be those of the encoding. */
  async #fill(file: BlobFile, metadata: BlobMetadata, encoded: EncodedSlivers): Promise<void> {
    const pairs = this.#parts.shards.pairs(metadata.blobId)
    for (const axis of axes) {
      for (const [slot, pair] of pairs.entries()) {
        if (file.has(axis, slot)) continue
        const sliver = decodeSliver(axis, await encoded.sliverBcs(pair, axis))
        if (await this.#parts.verifier.verify(metadata, sliver)) {
          await file.write(axis, slot, sliver.data)
        }
      }
    }
    if (file.complete) await file.seal(() => this.#parts.files.syncNames())
  }
}
