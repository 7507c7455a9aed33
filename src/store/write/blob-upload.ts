import type { Clock } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import { encodeMetadata } from '../../redstuff/metadata-bcs.ts'
import { StoreError } from '../blob-store.ts'
import type { RegisteredBlob, UploadProgress } from '../blob-store.ts'
import type { ByteBudget } from '../byte-budget.ts'
import type { Committee, StorageNode } from '../nodes/committee.ts'
import { isBlocked, isFinal, NodeError } from '../nodes/node-error.ts'
import type { Confirmation, StorageNodes } from '../nodes/storage-nodes.ts'
import { confirmationMessage, epochOfMessage } from './confirmation-message.ts'
import type { HeldSlivers } from './encoded-blobs.ts'
import { NodeUpload, sliverBcsBytesOf } from './node-upload.ts'
import { Quorum } from './quorum.ts'
import type { Certificate } from './quorum.ts'
import type { Signatures } from './signatures.ts'
import type { SliverBuffers } from '../sliver-buffers.ts'

export interface BlobUploadParts {
  readonly nodes: StorageNodes
  readonly signatures: Signatures
  readonly budget: ByteBudget
  readonly buffers: SliverBuffers
  readonly clock: Clock
  readonly log: Log
  /** The epoch that the chain is in, read anew. */
  readonly epochNow: (signal: AbortSignal) => Promise<number>
  /** How long nodes that are late are served after the quorum, milliseconds. */
  readonly latecomerMs: number
  /** How long a node may take to learn of a registration from the chain, milliseconds. */
  readonly registrationMs: number
}

/** Tries at one node before the quorum is reckoned without it. */
const tries = 3
const firstDelayMs = 400
const maxDelayMs = 8000
/** Latecomers are given this long when somebody waits for the memory. */
const hurriedMs = 3000

/**
 * One blob's way to all nodes of a committee. Resolves with the certificate at quorum; `settled` resolves when nobody
 * is served any more, and the slivers are released.
 */
export class BlobUpload {
  readonly settled: Promise<void>
  readonly #parts: BlobUploadParts
  readonly #blob: RegisteredBlob
  readonly #committee: Committee
  readonly #held: HeldSlivers
  readonly #quorum: Quorum
  readonly #message: Uint8Array
  readonly #metadataBcs: Uint8Array
  readonly #total: number
  readonly #controller = new AbortController()
  readonly #certificate = Promise.withResolvers<Certificate>()
  readonly #settle = Promise.withResolvers<void>()
  #progress: UploadProgress | undefined
  #sent = 0
  #certified = false
  #unregistered = 0
  #blocked = 0

  constructor(
    parts: BlobUploadParts,
    blob: RegisteredBlob,
    committee: Committee,
    held: HeldSlivers,
  ) {
    this.#parts = parts
    this.#blob = blob
    this.#committee = committee
    this.#held = held
    const object = blob.deletable ? blob.objectId : undefined
    this.#message = confirmationMessage(committee.epoch, blob.blobId, object)
    const { signatures, nodes } = parts
    this.#quorum = new Quorum(blob.blobId, committee, this.#message, signatures, nodes.health)
    this.settled = this.#settle.promise
    const { metadata } = held.slivers
    this.#metadataBcs = encodeMetadata(metadata)
    const pair = sliverBcsBytesOf(metadata, 'primary') + sliverBcsBytesOf(metadata, 'secondary')
    this.#total = pair * committee.shards
  }

  /** Throws StoreError: `stale-epoch`, `unreachable`, `blocked`, or `not-found` when no node sees the registration. */
  async run(progress: UploadProgress, signal: AbortSignal): Promise<Certificate> {
    const { nodes } = this.#parts
    const abort = (): void => this.#certificate.reject(signal.reason as Error)
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    this.#progress = progress
    const work = nodes.health.sorted(this.#committee.nodes).map((node) => this.#serve(node))
    void Promise.allSettled(work).then(() => {
      this.#certificate.reject(this.#verdict(undefined))
      this.#held.release(!this.#certified)
      this.#settle.resolve()
    })
    try {
      progress(0, this.#total)
      const certificate = await this.#certificate.promise
      this.#certified = true
      this.#linger()
      return certificate
    } catch (error) {
      this.#controller.abort(error)
      throw error
    } finally {
      this.#progress = undefined
      signal.removeEventListener('abort', abort)
    }
  }

  /** Serves nobody any more. */
  abort(reason: unknown): void {
    this.#certificate.reject(reason as Error)
    this.#controller.abort(reason)
  }

  async #serve(node: StorageNode): Promise<void> {
    const { nodes, budget, buffers, clock } = this.#parts
    const { slivers } = this.#held
    const upload = new NodeUpload({
      nodes,
      node,
      slivers,
      metadataBcs: this.#metadataBcs,
      object: this.#blob.deletable ? this.#blob.objectId : undefined,
      budget,
      buffers,
      sent: (bytes) => this.#progress?.((this.#sent += bytes), this.#total),
    })
    const started = clock.now()
    const { signal } = this.#controller
    for (let tried = 1, delayMs = firstDelayMs; !signal.aborted; tried++) {
      try {
        return await this.#accept(node, await upload.run(signal))
      } catch (error) {
        if (signal.aborted) return
        const early = isUnregistered(error) && clock.now() - started < this.#parts.registrationMs
        if (!early && !this.#failed(node, error, tried)) return
      }
      await clock.sleep(delayMs * (0.5 + Math.random() / 2), signal).catch(() => {})
      delayMs = Math.min(delayMs * 2, maxDelayMs)
    }
  }

  /** Whether another try may help. */
  #failed(node: StorageNode, error: unknown, tried: number): boolean {
    const { log } = this.#parts
    const reason = error instanceof Error ? error.message : String(error)
    log.debug('a node does not take a blob', { node: node.name, blob: this.#blob.blobId, reason })
    const final = isFinal(error)
    if (final || tried >= tries) this.#lose(node, error)
    // Perhaps its shards are others' by now.
    if (final && error.reason === 'SHARD_NOT_ASSIGNED') void this.#checkEpoch(node)
    return !final
  }

  #lose(node: StorageNode, error: unknown): void {
    if (isUnregistered(error)) this.#unregistered += node.shards.length
    if (isBlocked(error)) this.#blocked += node.shards.length
    this.#quorum.lose(node)
    if (this.#quorum.hopeless) this.#certificate.reject(this.#verdict(error))
  }

  #verdict(cause: unknown): StoreError {
    const { blobId } = this.#blob
    const most = this.#committee.shards / 3
    if (this.#blocked > most) {
      return new StoreError('blocked', `the network refuses to store blob ${blobId}`, { cause })
    }
    if (this.#unregistered > most) {
      return new StoreError('not-found', `the nodes see no registration of ${blobId}`, { cause })
    }
    const text = `too few storage nodes take blob ${blobId}`
    return new StoreError('unreachable', text, { cause })
  }

  async #accept(node: StorageNode, confirmation: Confirmation): Promise<void> {
    if (this.#certified) return
    const { serializedMessage, signature } = confirmation
    const epoch = epochOfMessage(serializedMessage, this.#message)
    if (epoch === undefined) {
      this.#parts.nodes.health.lied(node, 'a confirmation', this.#blob.blobId)
      return this.#lose(node, new NodeError('bad-answer', 'a confirmation of something else'))
    }
    if (epoch !== this.#committee.epoch) {
      const text = `${node.name} signs in epoch ${epoch}, not in ${this.#committee.epoch}`
      await this.#checkEpoch(node)
      return this.#lose(node, new StoreError('stale-epoch', text))
    }
    const certificate = await this.#quorum.add(node, signature)
    if (certificate) this.#certificate.resolve(certificate)
    else if (this.#quorum.hopeless) this.#certificate.reject(this.#verdict(undefined))
  }

  /** Ends the upload if the chain, and not only this node, is in another epoch. */
  async #checkEpoch(node: StorageNode): Promise<void> {
    try {
      const epoch = await this.#parts.epochNow(this.#controller.signal)
      if (epoch === this.#committee.epoch) return
      this.#certificate.reject(new StoreError('stale-epoch', `the network is in epoch ${epoch}`))
    } catch (error) {
      this.#parts.log.debug('the epoch cannot be read', { node: node.name, reason: String(error) })
    }
  }

  #linger(): void {
    const end = (): void => this.#controller.abort(new Error('latecomers are served no longer'))
    let timer = setTimeout(end, this.#parts.latecomerMs)
    this.#held.linger(() => {
      clearTimeout(timer)
      timer = setTimeout(end, Math.min(hurriedMs, this.#parts.latecomerMs))
    })
    void this.settled.then(() => clearTimeout(timer))
  }
}

function isUnregistered(error: unknown): boolean {
  return error instanceof NodeError && error.reason === 'NOT_REGISTERED'
}
