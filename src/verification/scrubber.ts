import type { PieceCache } from '../cache/piece-cache.ts'
import type { ScrubStatus } from '../control/scrub-status.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { BlobStore } from '../store/blob-store.ts'
import { nameToText } from '../terms/name.ts'
import { pieceHashOf } from '../terms/piece-hash.ts'
import { neededPieces, type NeededPiece } from '../tree/history/needed-pieces.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { RootRecord } from '../tree/root-record.ts'
import { faultOf, whyOf } from './damage.ts'

export interface ScrubParts {
  readonly source: NodeSource
  readonly cache: Pick<PieceCache, 'has' | 'recheck'>
  readonly store: Pick<BlobStore, 'read'>
  /** The tree that the drive stands on now. */
  readonly root: () => RootRecord | undefined
  readonly clock: Clock
  readonly log: Log
  /** @default Math.random */
  readonly random?: () => number
}

export interface ScrubOptions {
  /** Bytes a second, of disk and network together; 0: nothing is done. */
  readonly bytesPerSecond: number
  /** Between the end of a pass and the beginning of the next. */
  readonly everyMs: number
}

/** A mount has better things to do at first. */
const firstMs = 10 * 60_000
/** One in so many pieces is read from the network. */
const sampleOf = 100
/** What was read is paid for by sleeping, so much at a time. */
const leastSleepMs = 100

/**
 * Goes through what a drive needs, over and over, slowly: re-reads the copies on the disk, where bits may have rotted, and a few
 * pieces from the network. Damaged copies are dropped; what is damaged on the network is told.
 */
export class Scrubber {
  readonly #parts: ScrubParts
  readonly #options: ScrubOptions
  readonly #ended = new AbortController()
  readonly #view: { -readonly [K in keyof ScrubStatus]: ScrubStatus[K] }
  #running: Promise<void> | undefined
  #owedMs = 0

  constructor(parts: ScrubParts, options: ScrubOptions) {
    this.#parts = parts
    this.#options = options
    this.#view = {
      rate: options.bytesPerSecond,
      running: false,
      lastMs: undefined,
      passes: 0,
      cached: 0,
      cachedDamaged: 0,
      sampled: 0,
      damaged: 0,
    }
  }

  get view(): ScrubStatus {
    return { ...this.#view }
  }

  start(): void {
    if (this.#options.bytesPerSecond > 0) this.#running ??= this.#run(this.#ended.signal)
  }

  async stop(): Promise<void> {
    this.#ended.abort(new Error('the drive closes'))
    await this.#running
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts
    const { everyMs } = this.#options
    let pauseMs = Math.min(firstMs, everyMs)
    while (!signal.aborted) {
      await clock.sleep(pauseMs, signal).catch(() => {})
      pauseMs = everyMs
      if (signal.aborted) return
      try {
        await this.pass(signal)
      } catch (error) {
        if (!signal.aborted) log.debug('a scrub ended early', { why: whyOf(error) })
      }
    }
  }

  /** Once through the tree. */
  async pass(signal: AbortSignal): Promise<void> {
    const root = this.#parts.root()
    if (!root) return
    const view = this.#view
    const before = { ...view }
    view.running = true
    try {
      await this.#walk(root, signal)
    } finally {
      view.running = false
    }
    view.passes++
    view.lastMs = this.#parts.clock.now()
    this.#parts.log.info('a scrub has ended', {
      cached: view.cached - before.cached,
      dropped: view.cachedDamaged - before.cachedDamaged,
      sampled: view.sampled - before.sampled,
      damaged: view.damaged - before.damaged,
    })
  }

  async #walk(root: RootRecord, signal: AbortSignal): Promise<void> {
    const { source, cache } = this.#parts
    // What is not here is not fetched for this, but for the sample.
    const isPassed = (node: PieceRef) => !cache.has(node) && !this.#isSample()
    for await (const piece of neededPieces(source, root, isPassed, () => signal.throwIfAborted())) {
      signal.throwIfAborted()
      const copy = await cache.recheck(piece.ref)
      if (copy !== undefined) {
        this.#view.cached++
        if (!copy) this.#view.cachedDamaged++
        await this.#pay(piece.ref, signal)
      }
      if (this.#isSample()) await this.#sample(root, piece, signal)
    }
  }

  async #sample(root: RootRecord, piece: NeededPiece, signal: AbortSignal): Promise<void> {
    const { store, log } = this.#parts
    const { blob, offset, storedLength, hash } = piece.ref
    try {
      const stored = await store.read(blob, offset, storedLength, signal)
      if (pieceHashOf(stored) !== hash) throw new Error('it does not match its hash')
      this.#view.sampled++
    } catch (error) {
      signal.throwIfAborted()
      const isOld = this.#parts.root()?.self.hash !== root.self.hash
      if (faultOf(error) === 'unreachable' || isOld) return
      this.#view.sampled++
      this.#view.damaged++
      const path = piece.path && `/${piece.path.map(nameToText).join('/')}`
      log.error('a piece is damaged on the network', { blob, offset, path, why: whyOf(error) })
    }
    await this.#pay(piece.ref, signal)
  }

  #isSample(): boolean {
    return (this.#parts.random ?? Math.random)() < 1 / sampleOf
  }

  async #pay({ storedLength }: PieceRef, signal: AbortSignal): Promise<void> {
    this.#owedMs += (storedLength / this.#options.bytesPerSecond) * 1000
    if (this.#owedMs < leastSleepMs) return
    const ms = this.#owedMs
    this.#owedMs = 0
    await this.#parts.clock.sleep(ms, signal)
  }
}
