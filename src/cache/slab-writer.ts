import PQueue from 'p-queue'
import type { Clock } from '../runtime/clock.ts'
import { type Disk, writeAllLater } from '../runtime/disk.ts'
import type { Log } from '../runtime/log.ts'
import { type PieceHash, pieceHashBytes } from '../terms/piece-hash.ts'
import type { HashIndex } from './hash-index.ts'
import {
  encodeIndex,
  frameHeaderBytes,
  putFrameHeader,
  type SlabEntry,
  slabHeader,
} from './slab-format.ts'
import type { Generation, Slab, SlabShelf } from './slab-shelf.ts'

export interface SlabWriterParts {
  readonly disk: Disk
  readonly shelf: SlabShelf
  readonly index: HashIndex
  readonly clock: Clock
  readonly log: Log
  /** A slab with so many bytes gets its index and is followed by the next. */
  readonly slabBytes: number
  /** Makes room, after each write; `hard` when the disk was full. */
  readonly makeRoom: (hard: boolean) => Promise<void>
  /** The directory is gone: makes it anew. */
  readonly makeDirectory: () => void
}

interface Queued {
  readonly hash: PieceHash
  readonly stored: Uint8Array
  readonly generation: Generation
}

/** A slab that is being written. */
interface Growing {
  readonly slab: Slab
  readonly entries: SlabEntry[]
}

/** More than this waiting is not taken. */
const maxQueuedBytes = 32 << 20
/** Pieces are written together up to this. */
const batchBytes = 1 << 20
/** For the headers of their frames. */
const headerRoomBytes = 64 << 10
/** After a failed write, how long nothing is kept. */
const pauseMs = 10_000

/** Writes pieces into slabs behind the caller's back. What cannot be written is not kept: no error reaches anybody. */
export class SlabWriter {
  readonly #parts: SlabWriterParts
  /** One piece of work at a time writes and deletes slabs. */
  readonly #row = new PQueue({ concurrency: 1 })
  readonly #queue = new Map<PieceHash, Queued>()
  readonly #growing = new Map<Generation, Growing>()
  /** Batches are laid out here one after the other: new memory for each megabyte costs more than the copying. */
  readonly #room = Buffer.allocUnsafeSlow(batchBytes + headerRoomBytes)
  #queuedBytes = 0
  #written = 0
  #draining = false
  #pausedUntil = -Infinity

  constructor(parts: SlabWriterParts) {
    this.#parts = parts
  }

  /** Bytes of pieces written so far, whatever became of them. */
  get written(): number {
    return this.#written
  }

  /** Bytes of a piece that waits to be written. */
  queued(hash: PieceHash): Uint8Array | undefined {
    return this.#queue.get(hash)?.stored
  }

  /** Takes a piece if there is room; the bytes are lent until it is written. */
  put(hash: PieceHash, stored: Uint8Array, generation: Generation): void {
    if (this.#queue.has(hash) || this.#queuedBytes + stored.length > maxQueuedBytes) return
    if (this.#parts.clock.now() < this.#pausedUntil) return
    this.#queue.set(hash, { hash, stored, generation })
    this.#queuedBytes += stored.length
    if (this.#draining) return
    this.#draining = true
    void this.#row.add(() => this.#drain())
  }

  /** Writes a piece among the kept, now. In the row. */
  async keep(hash: PieceHash, stored: Uint8Array): Promise<void> {
    await this.#append([{ hash, stored, generation: 'kept' }])
  }

  /** Does work while no slab is written. */
  async inRow(work: () => Promise<void>): Promise<void> {
    await this.#row.add(work)
  }

  /** Resolves when everything taken before is written or given up. */
  async idle(): Promise<void> {
    await this.#row.onIdle()
  }

  /** The slab is being written by this process now. */
  isGrowing(slab: Slab): boolean {
    return this.#growing.get(slab.generation)?.slab === slab
  }

  /** Ends a slab before its time. In the row. */
  async end(slab: Slab): Promise<void> {
    const growing = this.#growing.get(slab.generation)
    if (growing?.slab === slab) await this.#end(growing)
  }

  async close(): Promise<void> {
    await this.#row.onIdle()
    for (const growing of this.#growing.values()) await this.#end(growing)
  }

  async #drain(): Promise<void> {
    // The caller's turn ends first: pieces that come together are written together.
    await new Promise(setImmediate)
    while (this.#queue.size > 0) {
      const batch = this.#nextBatch()
      await this.#write(batch)
      for (const { hash, stored } of batch) {
        this.#queue.delete(hash)
        this.#queuedBytes -= stored.length
      }
    }
    this.#draining = false
  }

  #nextBatch(): Queued[] {
    const batch: Queued[] = []
    let bytes = 0
    for (const queued of this.#queue.values()) {
      if (batch.length > 0) {
        const other = queued.generation !== batch[0]!.generation
        if (other || bytes + queued.stored.length > batchBytes) break
      }
      batch.push(queued)
      bytes += queued.stored.length
    }
    return batch
  }

  async #write(batch: readonly Queued[]): Promise<void> {
    try {
      await this.#append(batch)
      await this.#parts.makeRoom(false)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      this.#pausedUntil = this.#parts.clock.now() + pauseMs
      this.#parts.log.warn('the cache cannot be written; nothing is kept for a while', { code })
      if (code === 'ENOSPC') await this.#tryMakeRoom()
    }
  }

  async #tryMakeRoom(): Promise<void> {
    try {
      await this.#parts.makeRoom(true)
    } catch {
      // Rescuing what was used needed room, too.
    }
  }

  /** Writes pieces of one generation; once more into a new slab where the one that grows was deleted. */
  async #append(batch: readonly Queued[]): Promise<void> {
    const { generation } = batch[0]!
    const growing = this.#growingOf(generation)
    try {
      await this.#appendTo(growing, batch)
    } catch (error) {
      this.#growing.delete(generation)
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      this.#parts.shelf.drop(growing.slab)
      await this.#appendTo(this.#growingOf(generation), batch)
    }
  }

  async #appendTo(growing: Growing, batch: readonly Queued[]): Promise<void> {
    const { disk, shelf, index, slabBytes } = this.#parts
    const { slab, entries } = growing
    const { bytes, placed } = frames(batch, slab.bytes, this.#room)
    const file = disk.open(slab.path, 'write')
    try {
      await writeAllLater(disk, file, bytes, slab.bytes)
    } finally {
      disk.close(file)
    }
    this.#written += bytes.length
    shelf.grown(slab, slab.bytes + bytes.length)
    for (const entry of placed) {
      entries.push(entry)
      index.put(entry.hash, { slab: slab.number, position: entry.position, length: entry.length })
    }
    if (slab.bytes >= slabBytes) await this.#end(growing)
  }

  #growingOf(generation: Generation): Growing {
    const growing = this.#growing.get(generation)
    if (growing && this.#parts.shelf.get(growing.slab.number)) return growing
    const made = { slab: this.#create(generation), entries: [] }
    this.#growing.set(generation, made)
    return made
  }

  #create(generation: Generation): Slab {
    const { shelf, clock } = this.#parts
    try {
      return shelf.create(generation, clock.now())
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      this.#parts.makeDirectory()
      return shelf.create(generation, clock.now())
    }
  }

  /** Writes the index behind the pieces. Without it the slab is read frame by frame; so a failure costs only time. */
  async #end({ slab, entries }: Growing): Promise<void> {
    const { disk, shelf } = this.#parts
    this.#growing.delete(slab.generation)
    try {
      const bytes = encodeIndex(entries, slab.bytes)
      const file = disk.open(slab.path, 'write')
      try {
        await writeAllLater(disk, file, bytes, slab.bytes)
      } finally {
        disk.close(file)
      }
      shelf.grown(slab, slab.bytes + bytes.length)
      slab.end = undefined
    } catch (error) {
      this.#parts.log.debug('a slab has no index', { code: (error as NodeJS.ErrnoException).code })
    }
  }
}

/** The bytes of a batch for a slab that has `at` bytes, in `room` if they fit; the slab's header comes with the first. */
function frames(
  batch: readonly Queued[],
  at: number,
  room: Buffer,
): { readonly bytes: Buffer; readonly placed: readonly SlabEntry[] } {
  const start = at === 0 ? slabHeader.length : 0
  const length = batch.reduce((sum, { stored }) => sum + frameHeaderBytes + stored.length, start)
  const bytes = length <= room.length ? room.subarray(0, length) : Buffer.allocUnsafeSlow(length)
  if (at === 0) slabHeader.copy(bytes)
  let position = start
  const placed = batch.map(({ hash, stored }) => {
    const hashBytes = Buffer.from(pieceHashBytes(hash))
    putFrameHeader(bytes, position, hashBytes, stored.length)
    bytes.set(stored, position + frameHeaderBytes)
    const entry = {
      hash: hashBytes,
      position: at + position + frameHeaderBytes,
      length: stored.length,
    }
    position += frameHeaderBytes + stored.length
    return entry
  })
  return { bytes, placed }
}
