import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { type Descriptor, type Disk, readUpTo, writeAll } from '../runtime/disk.ts'
import { FsError, fsErrorOf } from '../terms/errno.ts'

/** One file of staged bytes. */
export interface StagingSegment {
  readonly number: number
  readonly path: string
  /** Bytes that count; behind them may lie what a failed write left. */
  readonly end: number
  /** Bytes were written since the last fdatasync. */
  readonly unsynced: boolean
}

type Segment = { -readonly [K in keyof StagingSegment]: StagingSegment[K] }

const pattern = /^(\d{10})\.staging$/
/** Segments made stable at the same time: each takes a thread of the pool that others need, too. */
const parallelSyncs = 2

/**
 * The segment files of staging: bytes in and out, few files open however many there are. The file with the highest number
 * is emptied, never deleted, so that no number comes twice in the life of the directory. Errors are FsError ENOSPC and EIO.
 */
export class StagingFiles {
  readonly #directory: string
  readonly #disk: Disk
  readonly #open: LRUCache<number, Descriptor>
  readonly #segments = new Map<number, Segment>()
  #last = 0
  #bytes = 0
  #namesChanged = true

  /** Finds what is there. */
  constructor(disk: Disk, directory: string, openFiles: number) {
    this.#directory = directory
    this.#disk = disk
    this.#open = new LRUCache({ max: openFiles, dispose: (file) => this.#disk.close(file) })
    for (const name of disk.list(directory)) {
      const number = pattern.exec(name)?.[1]
      if (number !== undefined) this.#takeOver(Number(number))
    }
  }

  /** Bytes that count in all segments. */
  get bytes(): number {
    return this.#bytes
  }

  /** The highest number so far; 0 when there was none. */
  get last(): number {
    return this.#last
  }

  get segments(): Iterable<StagingSegment> {
    return this.#segments.values()
  }

  get(number: number): StagingSegment | undefined {
    return this.#segments.get(number)
  }

  pathOf(number: number): string {
    return join(this.#directory, `${String(number).padStart(10, '0')}.staging`)
  }

  /** A new, empty segment. */
  begin(): StagingSegment {
    const number = this.#last + 1
    const path = this.pathOf(number)
    const file = attempt(`cannot make ${path}`, () => this.#disk.open(path, 'create'))
    this.#open.set(number, file)
    const segment = { number, path, end: 0, unsynced: false }
    this.#segments.set(number, segment)
    this.#last = number
    this.#namesChanged = true
    return segment
  }

  /** Writes behind what counts, or over it. After an error nothing counts that did not before. */
  write(number: number, bytes: Uint8Array, position: number): void {
    const segment = this.#existing(number)
    segment.unsynced = true
    attempt(`cannot write ${segment.path}`, () => {
      writeAll(this.#disk, this.#file(segment), bytes, position)
    })
    const grown = Math.max(segment.end, position + bytes.length)
    this.#bytes += grown - segment.end
    segment.end = grown
  }

  /** Fills the buffer. */
  read(number: number, into: Uint8Array, position: number): void {
    const segment = this.#existing(number)
    const count = attempt(`cannot read ${segment.path}`, () =>
      readUpTo(this.#disk, this.#file(segment), into, position),
    )
    if (count < into.length) throw new FsError('EIO', `${segment.path} is too short`)
  }

  /** Everything written before, and the names of the files, is on stable storage. One at a time. */
  async sync(): Promise<void> {
    const unsynced = [...this.#segments.values()].filter((segment) => segment.unsynced)
    const ways = Array.from({ length: parallelSyncs }, () => this.#syncFrom(unsynced))
    if (this.#namesChanged) ways.push(this.#disk.syncDirectory(this.#directory))
    this.#namesChanged = false
    for (const result of await Promise.allSettled(ways)) {
      if (result.status === 'rejected') throw localError(result.reason, 'an fdatasync failed')
    }
  }

  /** Deletes segments, one a turn. */
  async remove(numbers: readonly number[]): Promise<void> {
    for (const number of numbers) {
      const segment = this.#existing(number)
      this.#bytes -= segment.end
      attempt(`cannot delete ${segment.path}`, () => this.#remove(segment))
      await new Promise(setImmediate)
    }
    if (numbers.length === 0) return
    try {
      await this.#disk.syncDirectory(this.#directory)
    } catch (error) {
      throw localError(error, 'cannot delete staging segments')
    }
  }

  close(): void {
    this.#open.clear()
  }

  #takeOver(number: number): void {
    const path = this.pathOf(number)
    const file = this.#disk.open(path, 'read')
    try {
      const end = this.#disk.size(file)
      this.#segments.set(number, { number, path, end, unsynced: true })
      this.#bytes += end
    } finally {
      this.#disk.close(file)
    }
    this.#last = Math.max(this.#last, number)
  }

  #existing(number: number): Segment {
    const segment = this.#segments.get(number)
    if (segment) return segment
    throw new FsError('EIO', `staging segment ${number} is gone`)
  }

  #file(segment: Segment): Descriptor {
    let file = this.#open.get(segment.number)
    if (file === undefined) {
      file = this.#disk.open(segment.path, 'write')
      this.#open.set(segment.number, file)
    }
    return file
  }

  /** Takes segments from the list until there is none, each with a descriptor that nobody else closes meanwhile. */
  async #syncFrom(list: Segment[]): Promise<void> {
    for (let segment = list.pop(); segment; segment = list.pop()) {
      if (!this.#segments.has(segment.number)) continue
      const file = this.#disk.open(segment.path, 'write')
      try {
        segment.unsynced = false
        await this.#disk.datasync(file)
      } finally {
        this.#disk.close(file)
      }
    }
  }

  #remove(segment: Segment): void {
    if (segment.number === this.#last) {
      if (segment.end > 0) this.#disk.truncate(this.#file(segment), 0)
      segment.end = 0
      return
    }
    this.#segments.delete(segment.number)
    this.#open.delete(segment.number)
    try {
      this.#disk.remove(segment.path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

function attempt<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw localError(error, what)
  }
}

/** A full disk is told as such; whatever else the state disk says is EIO for who reads or writes a file. */
function localError(error: unknown, what: string): FsError {
  const mapped = fsErrorOf(error, what)
  return mapped.code === 'ENOSPC' ? mapped : new FsError('EIO', what, { cause: error })
}
