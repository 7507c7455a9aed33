import type { Clock } from '../runtime/clock.ts'
import type { PieceHash } from '../terms/piece-hash.ts'
import type { Inode } from '../tree/inode.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import { type Prediction, ReadPattern } from './read-pattern.ts'

export interface ReadAheadParts {
  /** The piece need not be fetched: it is here or on its way. */
  has(ref: PieceRef): boolean
  /** A piece that need not be fetched will be read. */
  willNeed(ref: PieceRef): void
  /** Fetches pieces that nobody waits for yet. */
  fetch(refs: readonly PieceRef[]): readonly Promise<unknown>[]
  readonly clock: Clock
  /** The first window of a reader, doubled while it goes on. */
  readonly firstWindowBytes: number
  /** The largest window; 0 reads nothing ahead. */
  readonly windowBytes: number
  /** Plain bytes fetched ahead and not read yet, of all readers. */
  readonly budgetBytes: number
}

/** One handle that is read. */
interface Reader {
  readonly pattern: ReadPattern
  kind: Prediction['kind'] | undefined
  window: number
  /** Up to here it was asked for. */
  edge: number
  readAt: number
  /** Pieces fetched for it that it has not read. */
  readonly unread: Set<PieceHash>
}

interface Unread {
  readonly bytes: number
  readonly reader: Reader
}

const maxStrides = 16
/** A reader that rests so long gives its part of the budget to others. */
const restMs = 2000

/** Fetches what handles will read, in windows that double while reading goes on, all in one budget. */
export class ReadAhead {
  readonly #parts: ReadAheadParts
  readonly #readers = new Map<object, Reader>()
  readonly #unread = new Map<PieceHash, Unread>()
  #unreadBytes = 0
  /** Plain bytes fetched ahead, and those of them that were read later. */
  readonly stats = { bytes: 0, hitBytes: 0 }

  constructor(parts: ReadAheadParts) {
    this.#parts = parts
  }

  /** To be called with each read of a handle. */
  note(handle: object, inode: Inode, offset: number, length: number): void {
    if (this.#parts.windowBytes === 0 || !inode.extents) return
    const reader = this.#readerOf(handle)
    const prediction = reader.pattern.next(offset, length)
    if (prediction?.kind !== reader.kind) this.#begin(reader, prediction)
    if (!prediction) return
    reader.readAt = this.#parts.clock.now()
    switch (prediction.kind) {
      case 'forward':
        return this.#forward(reader, inode, prediction.at)
      case 'backward':
        return this.#backward(reader, inode, prediction.at)
      case 'strided':
        return this.#strided(reader, inode, prediction)
    }
  }

  /** A piece is read. */
  used(ref: PieceRef): void {
    if (this.#unread.size === 0) return
    const unread = this.#unread.get(ref.hash)
    if (!unread) return
    this.stats.hitBytes += unread.bytes
    this.#settle(ref.hash)
  }

  /** A handle is closed. */
  forget(handle: object): void {
    const reader = this.#readers.get(handle)
    if (!reader) return
    this.#readers.delete(handle)
    this.#letGo(reader)
  }

  #readerOf(handle: object): Reader {
    let reader = this.#readers.get(handle)
    if (!reader) {
      reader = {
        pattern: new ReadPattern(),
        kind: undefined,
        window: 0,
        edge: 0,
        readAt: 0,
        unread: new Set(),
      }
      this.#readers.set(handle, reader)
    }
    return reader
  }

  #begin(reader: Reader, prediction: Prediction | undefined): void {
    reader.kind = prediction?.kind
    reader.window = 0
    if (prediction) reader.edge = prediction.at
    this.#letGo(reader)
  }

  #forward(reader: Reader, inode: Inode, at: number): void {
    if (reader.edge - at > reader.window / 2) return
    this.#widen(reader)
    const from = Math.max(reader.edge, at)
    const to = Math.min(at + reader.window, inode.size)
    if (from < to) reader.edge = this.#ask(reader, inode, from, to) ?? to
  }

  #backward(reader: Reader, inode: Inode, at: number): void {
    if (at - reader.edge > reader.window / 2) return
    this.#widen(reader)
    const to = Math.min(reader.edge, at)
    const from = Math.max(at - reader.window, 0)
    if (from < to && this.#ask(reader, inode, from, to) === undefined) reader.edge = from
  }

  #strided(
    reader: Reader,
    inode: Inode,
    { at, by, length }: Extract<Prediction, { kind: 'strided' }>,
  ): void {
    this.#widen(reader)
    const steps = Math.min(maxStrides, Math.max(1, Math.floor(reader.window / length)))
    for (let step = 0; step < steps; step++) {
      const from = at + step * by
      if (from < 0 || from >= inode.size) return
      if (this.#ask(reader, inode, from, Math.min(from + length, inode.size)) !== undefined) return
    }
  }

  #widen(reader: Reader): void {
    const { firstWindowBytes, windowBytes } = this.#parts
    reader.window = Math.min(windowBytes, reader.window ? 2 * reader.window : firstWindowBytes)
  }

  /** Asks for the pieces of a range; returns where the budget ended it. */
  #ask(reader: Reader, inode: Inode, from: number, to: number): number | undefined {
    const refs: PieceRef[] = []
    let stopped: number | undefined
    for (const { start, source } of inode.extents!.over(from, to)) {
      if (source.kind !== 'piece') continue
      if (this.#parts.has(source.piece)) {
        this.#parts.willNeed(source.piece)
        continue
      }
      if (this.#unread.has(source.piece.hash)) continue
      if (!this.#reserve(reader, source.piece)) {
        stopped = start
        break
      }
      refs.push(source.piece)
    }
    for (const [index, answer] of this.#parts.fetch(refs).entries()) {
      answer.catch(() => this.#settle(refs[index]!.hash))
    }
    return stopped
  }

  #reserve(reader: Reader, ref: PieceRef): boolean {
    if (this.#unreadBytes + ref.length > this.#parts.budgetBytes) this.#takeFromResting(reader)
    if (this.#unreadBytes + ref.length > this.#parts.budgetBytes) return false
    this.#unread.set(ref.hash, { bytes: ref.length, reader })
    this.#unreadBytes += ref.length
    this.stats.bytes += ref.length
    reader.unread.add(ref.hash)
    return true
  }

  /** What they had fetched stays in the cache as long as it may; it is only not counted any more. */
  #takeFromResting(but: Reader): void {
    const since = this.#parts.clock.now() - restMs
    for (const reader of this.#readers.values()) {
      if (reader !== but && reader.readAt <= since) this.#letGo(reader)
    }
  }

  #letGo(reader: Reader): void {
    for (const hash of reader.unread) this.#settle(hash)
  }

  #settle(hash: PieceHash): void {
    const unread = this.#unread.get(hash)
    if (!unread) return
    this.#unread.delete(hash)
    this.#unreadBytes -= unread.bytes
    unread.reader.unread.delete(hash)
  }
}
