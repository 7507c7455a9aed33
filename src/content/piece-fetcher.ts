import PQueue from 'p-queue'
import type { PieceCache } from '../cache/piece-cache.ts'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Flow } from '../runtime/flow.ts'
import type { Log } from '../runtime/log.ts'
import { retry } from '../runtime/retry.ts'
import { type BlobStore, StoreError } from '../store/blob-store.ts'
import { OfflineError } from '../store/switched-store.ts'
import { FsError } from '../terms/errno.ts'
import type { PieceHash } from '../terms/piece-hash.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { ContentStats } from './content-api.ts'
import { withDeadline } from './deadline.ts'
import { pieceRuns, type PieceRun } from './piece-run.ts'

export interface FetcherParts {
  readonly store: Pick<BlobStore, 'read'>
  readonly codec: Pick<PieceCodec, 'decode'>
  readonly cache: PieceCache
  readonly clock: Clock
  readonly log: Log
  /** Reads at a time. */
  readonly parallelReads: number
  /** The most that one read asks for. */
  readonly runBytes: number
  /** A read that has no answer by then is given up. */
  readonly deadlineMs: number
  readonly down?: Pick<Flow, 'isLimited' | 'waitMs'> | undefined
  /** Whether stored bytes are those of a piece. */
  readonly matches: (ref: PieceRef, stored: Uint8Array) => boolean
}

/** Reads at a time while bytes come slowly by intent: who waits is not to wait for what was begun for nobody. */
const limitedReads = 2

/** Whether somebody waits for a piece. */
const Urgency = { ahead: 0, asked: 1 } as const
type Urgency = (typeof Urgency)[keyof typeof Urgency]

/** A piece on its way. */
interface Flight extends PromiseWithResolvers<Uint8Array> {
  readonly ref: PieceRef
  /** Of its run in the queue, once it is there. */
  runId: string | undefined
  urgency: Urgency
  /** It was begun for nobody: its deadline is nobody's. */
  readonly begunAhead: boolean
}

type FlightRun = PieceRun<Flight>

const backoff = { firstDelayMs: 200, maxDelayMs: 5000, tries: Infinity }

/**
 * Pieces from the network: one flight for each, neighbours in one read, checked against their hashes, decoded and put
 * into the cache. Errors: FsError EIO, ETIMEDOUT.
 */
export class PieceFetcher {
  readonly #parts: FetcherParts
  readonly #queue: PQueue
  readonly #flights = new Map<PieceHash, Flight>()
  readonly #closing = new AbortController()
  #runs = 0
  /** Stored bytes of pieces on their way. */
  #flyingBytes = 0
  readonly stats: { -readonly [K in keyof ContentStats]: ContentStats[K] } = {
    fetches: 0,
    fetchedPieces: 0,
    fetchedBytes: 0,
    damagedPieces: 0,
    failures: 0,
    readAheadBytes: 0,
    readAheadHitBytes: 0,
  }

  constructor(parts: FetcherParts) {
    this.#parts = parts
    this.#queue = new PQueue({ concurrency: parts.parallelReads })
  }

  /** So much later than usual the answer for so many bytes more may come, milliseconds. */
  waitMs(bytes: number): number {
    return 2 * (this.#parts.down?.waitMs(this.#flyingBytes + bytes) ?? 0)
  }

  /** The piece is on its way. */
  isFlying(ref: PieceRef): boolean {
    return this.#flights.has(ref.hash)
  }

  /** Plain bytes of each piece, for somebody who waits. */
  fetch(refs: readonly PieceRef[]): Promise<Uint8Array>[] {
    return this.#fetch(refs, Urgency.asked)
  }

  /** The same for nobody yet: behind what is waited for. */
  fetchAhead(refs: readonly PieceRef[]): Promise<Uint8Array>[] {
    return this.#fetch(refs, Urgency.ahead)
  }

  /** Gives up what is on its way. */
  async close(): Promise<void> {
    this.#closing.abort(new FsError('EIO', 'unmounted'))
    await this.#queue.onIdle()
  }

  #fetch(refs: readonly PieceRef[], urgency: Urgency): Promise<Uint8Array>[] {
    const started: Flight[] = []
    const answers = refs.map((ref) => {
      const flying = this.#flights.get(ref.hash)
      if (flying) return this.#join(flying, urgency)
      const flight = newFlight(ref, urgency)
      // Nobody may wait for it.
      flight.promise.catch(() => {})
      this.#flights.set(ref.hash, flight)
      this.#flyingBytes += ref.storedLength
      started.push(flight)
      return flight.promise
    })
    for (const run of pieceRuns(started, this.#parts.runBytes)) this.#enqueue(run, urgency)
    return answers
  }

  #join(flight: Flight, urgency: Urgency): Promise<Uint8Array> {
    if (urgency === Urgency.ahead) return flight.promise
    // Whose deadline is over was there before: whoever came later has time left.
    if (!flight.begunAhead) return this.#orAnew(flight, urgency, isTimeout)
    if (flight.runId !== undefined && flight.urgency < urgency) {
      this.#queue.setPriority(flight.runId, urgency)
    }
    flight.urgency = urgency
    return this.#orAnew(flight, urgency, () => true)
  }

  /** A new flight, once, where one that was joined fails in that way. */
  #orAnew(
    flight: Flight,
    urgency: Urgency,
    isReason: (error: unknown) => boolean,
  ): Promise<Uint8Array> {
    return flight.promise.catch((error: unknown) => {
      if (!isReason(error)) throw error
      return this.#flights.get(flight.ref.hash)?.promise ?? this.#fetch([flight.ref], urgency)[0]!
    })
  }

  #enqueue(run: FlightRun, priority: Urgency): void {
    const id = `${this.#runs++}`
    const { down, parallelReads } = this.#parts
    this.#queue.concurrency = down?.isLimited ? limitedReads : parallelReads
    for (const flight of run.items) flight.runId = id
    void this.#queue.add(
      async () => {
        for (const flight of run.items) flight.runId = undefined
        await this.#fly(run)
      },
      { id, priority },
    )
  }

  async #fly(run: FlightRun): Promise<void> {
    let bytes: Uint8Array | undefined
    try {
      bytes = await this.#read(run.blob, run.offset, run.length)
    } catch (error) {
      // One bad place must not cost its neighbours.
      if (run.items.length === 1 || !isCorrupt(error)) {
        for (const flight of run.items) this.#fail(flight, error)
        return
      }
    }
    for (const flight of run.items) {
      const at = flight.ref.offset - run.offset
      await this.#land(flight, bytes?.subarray(at, at + flight.ref.storedLength))
      await new Promise(setImmediate)
    }
  }

  /** Checks, decodes and hands out one piece; reads it once more where it was not had right. */
  async #land(flight: Flight, given: Uint8Array | undefined): Promise<void> {
    const { ref } = flight
    try {
      let stored = given
      if (!stored || !this.#matches(ref, stored)) {
        stored = await this.#read(ref.blob, ref.offset, ref.storedLength)
        if (!this.#matches(ref, stored)) throw new FsError('EIO', 'a piece does not match its hash')
      }
      const plain = this.#decode(ref, stored)
      this.stats.fetchedPieces++
      this.#parts.cache.keepStored(ref, stored)
      this.#parts.cache.keepPlain(ref, plain)
      this.#ended(ref)
      flight.resolve(plain)
    } catch (error) {
      this.#fail(flight, error)
    }
  }

  #matches(ref: PieceRef, stored: Uint8Array): boolean {
    if (this.#parts.matches(ref, stored)) return true
    this.stats.damagedPieces++
    this.#parts.log.warn('a piece does not match its hash', where(ref))
    return false
  }

  #decode(ref: PieceRef, stored: Uint8Array): Uint8Array {
    try {
      return this.#parts.codec.decode(ref, stored)
    } catch (error) {
      this.stats.damagedPieces++
      throw new FsError('EIO', 'a piece cannot be decoded', { cause: error })
    }
  }

  #fail(flight: Flight, error: unknown): void {
    this.stats.failures++
    const failure =
      error instanceof FsError
        ? error
        : error instanceof OfflineError
          ? new FsError('ENETUNREACH', 'the drive is offline, and this is not on this machine', {
              cause: error,
            })
          : new FsError('EIO', `a piece is lost: ${(error as Error).message}`, { cause: error })
    this.#tell(flight, error as Error)
    this.#ended(flight.ref)
    flight.reject(failure)
  }

  #ended({ hash, storedLength }: PieceRef): void {
    if (this.#flights.delete(hash)) this.#flyingBytes -= storedLength
  }

  #tell({ ref, urgency }: Flight, error: Error): void {
    const fields = { ...where(ref), reason: error.message }
    const isQuiet = urgency === Urgency.ahead || error instanceof OfflineError
    if (isQuiet || this.#closing.signal.aborted) {
      this.#parts.log.debug('a piece was not read', fields)
    } else this.#parts.log.error('a piece could not be read', fields)
  }

  async #read(blob: PieceRef['blob'], offset: number, length: number): Promise<Uint8Array> {
    const { store, clock, deadlineMs } = this.#parts
    let last: StoreError | undefined
    const work = (signal: AbortSignal): Promise<Uint8Array> => {
      const once = () => store.read(blob, offset, length, signal)
      const isWorthIt = (error: unknown): boolean => {
        if (!isRetryable(error)) return false
        last = error
        return true
      }
      return retry(once, isWorthIt, backoff, clock, signal)
    }
    const limitMs = deadlineMs + this.waitMs(0)
    const bytes = await withDeadline(work, limitMs, clock, this.#closing.signal).catch(
      (error: unknown) => {
        throw isTimeout(error) && last ? withReason(error, last) : error
      },
    )
    this.stats.fetches++
    this.stats.fetchedBytes += bytes.length
    return bytes
  }
}

function newFlight(ref: PieceRef, urgency: Urgency): Flight {
  const begunAhead = urgency === Urgency.ahead
  return { ...Promise.withResolvers<Uint8Array>(), ref, urgency, begunAhead, runId: undefined }
}

function isRetryable(error: unknown): error is StoreError {
  return error instanceof StoreError && error.retryable
}

function isTimeout(error: unknown): error is FsError {
  return error instanceof FsError && error.code === 'ETIMEDOUT'
}

/** What kept the answer from coming, where that is known. */
function withReason({ message }: FsError, cause: Error): FsError {
  return new FsError('ETIMEDOUT', `${message}: ${cause.message}`, { cause })
}

function isCorrupt(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'corrupt'
}

function where({ blob, offset }: PieceRef): { readonly blob: string; readonly offset: number } {
  return { blob, offset }
}
