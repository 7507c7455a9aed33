import { withDeadline } from '../content/deadline.ts'
import { codeParameters } from '../redstuff/parameters.ts'
import type { Clock } from '../runtime/clock.ts'
import { retry } from '../runtime/retry.ts'
import { StoreError, type BlobStore } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { pieceHashOf } from '../terms/piece-hash.ts'
import { faultOf, whyOf, type DamagedPiece, type PieceFault } from './damage.ts'
import type { StoredPiece } from './piece-table.ts'
import { readPlan, type ReadRun } from './read-plan.ts'

export interface PackCheckParts {
  readonly store: Pick<BlobStore, 'read' | 'size'>
  readonly clock: Clock
  /** Of the network: says which bytes share a row. */
  readonly shards: number
  /** Runs a read when there is room for one more. */
  readonly inRow: <T>(read: () => Promise<T>) => Promise<T>
  /** So many pieces and stored bytes were read and found right. */
  readonly onChecked: (pieces: number, bytes: number) => void
}

/** A read that has no answer by then is given up. */
const deadlineMs = 60_000
const policy = { firstDelayMs: 200, maxDelayMs: 2000, tries: 3 }
/** No piece is longer: what says so asks for memory. */
const longestPiece = 64 << 20
/** When so many rows of a pack in a row could not be had, the others are not asked for. */
const enoughRows = { unreachable: 3, wrong: 16 } as const

/** Checks pieces of one pack, in the order of their offsets. */
export class PackCheck {
  readonly #parts: PackCheckParts
  readonly #blob: BlobId
  readonly #signal: AbortSignal
  readonly #damaged: DamagedPiece[] = []
  /** Of the whole pack: nothing more is asked for. */
  #verdict: { readonly fault: PieceFault; readonly why: string } | undefined
  #rowsLost = 0

  constructor(parts: PackCheckParts, blob: BlobId, signal: AbortSignal) {
    this.#parts = parts
    this.#blob = blob
    this.#signal = signal
  }

  /** Bytes of the pack; undefined where they cannot be had. */
  async size(): Promise<number | undefined> {
    try {
      return await this.#ask((signal) => this.#parts.store.size(this.#blob, signal))
    } catch (error) {
      this.#signal.throwIfAborted()
      this.#verdict = { fault: faultOf(error), why: whyOf(error) }
      return undefined
    }
  }

  /** Reads and checks pieces, sorted by offset. Rejects only with the signal's reason. */
  async pieces(pieces: readonly StoredPiece[], packBytes: number): Promise<DamagedPiece[]> {
    const possible = pieces.filter((piece) => this.#isPossible(piece, packBytes))
    const runs = readPlan(possible, packBytes)
    await Promise.all(runs.map((run) => this.#parts.inRow(() => this.#run(run, packBytes))))
    this.#signal.throwIfAborted()
    return this.#damaged.sort((a, b) => a.piece.offset - b.piece.offset)
  }

  /** Of pieces of which nothing was asked for. */
  lost(pieces: readonly StoredPiece[]): DamagedPiece[] {
    for (const piece of pieces) this.#lose(piece)
    return this.#damaged
  }

  #isPossible(piece: StoredPiece, packBytes: number): boolean {
    const isInside = piece.offset + piece.length <= packBytes
    if (isInside && piece.length <= longestPiece) return true
    const why = isInside ? `a piece of ${piece.length} bytes` : 'its blob ends before it'
    this.#damaged.push({ blob: this.#blob, piece, fault: 'wrong', why })
    return false
  }

  async #run(run: ReadRun, packBytes: number): Promise<void> {
    this.#signal.throwIfAborted()
    if (this.#verdict) return run.pieces.forEach((piece) => this.#lose(piece))
    try {
      const bytes = await this.#read(run.offset, run.length)
      for (const piece of run.pieces) {
        const at = piece.offset - run.offset
        this.#check(piece, bytes.subarray(at, at + piece.length))
      }
    } catch (error) {
      this.#signal.throwIfAborted()
      await this.#byRows(run, packBytes, error)
    }
  }

  /** One bad row must not cost its neighbours: what lies in others is read by itself. */
  async #byRows(run: ReadRun, packBytes: number, error: unknown): Promise<void> {
    if (faultOf(error) === 'gone') {
      this.#verdict = { fault: 'gone', why: whyOf(error) }
      return run.pieces.forEach((piece) => this.#lose(piece))
    }
    const { primarySliverBytes: rowBytes } = codeParameters(this.#parts.shards, packBytes)
    const bad = new Map<number, unknown>()
    const known = new Set<number>()
    for (const piece of run.pieces) {
      const rows = rowsOf(piece, rowBytes)
      for (const row of rows) {
        if (this.#verdict || known.has(row)) continue
        known.add(row)
        const failure = await this.#row(row * rowBytes, rowBytes)
        if (failure !== undefined) bad.set(row, failure)
      }
      const lost = rows.find((row) => bad.has(row))
      if (lost !== undefined) this.#lose(piece, bad.get(lost))
      else if (this.#verdict) this.#lose(piece)
      else await this.#alone(piece)
    }
  }

  /** Why a row cannot be had; undefined where it can. */
  async #row(offset: number, length: number): Promise<unknown> {
    try {
      await this.#read(offset, length)
      this.#rowsLost = 0
      return undefined
    } catch (error) {
      this.#signal.throwIfAborted()
      const fault = faultOf(error)
      const enough = fault === 'gone' ? 1 : enoughRows[fault]
      if (++this.#rowsLost >= enough) {
        const why = `${this.#rowsLost} rows in a row could not be had; no more of this blob were asked for (${whyOf(error)})`
        this.#verdict = { fault, why }
      }
      return error
    }
  }

  async #alone(piece: StoredPiece): Promise<void> {
    try {
      this.#check(piece, await this.#read(piece.offset, piece.length))
    } catch (error) {
      this.#signal.throwIfAborted()
      this.#lose(piece, error)
    }
  }

  #check(piece: StoredPiece, bytes: Uint8Array): void {
    if (bytes.length === piece.length && pieceHashOf(bytes) === piece.hash) {
      return this.#parts.onChecked(1, piece.length)
    }
    const why = 'the bytes of its blob do not match its hash'
    this.#damaged.push({ blob: this.#blob, piece, fault: 'wrong', why })
  }

  #lose(piece: StoredPiece, error?: unknown): void {
    const { fault, why } =
      error === undefined ? this.#verdict! : { fault: faultOf(error), why: whyOf(error) }
    this.#damaged.push({ blob: this.#blob, piece, fault, why })
  }

  #read(offset: number, length: number): Promise<Uint8Array> {
    return this.#ask((signal) => this.#parts.store.read(this.#blob, offset, length, signal))
  }

  #ask<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock } = this.#parts
    return withDeadline(
      (signal) => retry(() => work(signal), isRetryable, policy, clock, signal),
      deadlineMs,
      clock,
      this.#signal,
    )
  }
}

function rowsOf({ offset, length }: StoredPiece, rowBytes: number): number[] {
  const first = Math.floor(offset / rowBytes)
  const last = Math.floor((offset + Math.max(length, 1) - 1) / rowBytes)
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

function isRetryable(error: unknown): boolean {
  return error instanceof StoreError && error.retryable
}
