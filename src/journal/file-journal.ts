import { dirname, join } from 'node:path'
import { type Clock, systemClock } from '../runtime/clock.ts'
import { type Disk, localDisk } from '../runtime/disk.ts'
import { FreeSpace } from '../runtime/free-space.ts'
import { GroupCommit } from '../runtime/group-commit.ts'
import { type Log, silentLog } from '../runtime/log.ts'
import { FsError, fsErrorOf } from '../terms/errno.ts'
import { currentBootId } from './boot-id.ts'
import { encodeMark, FrameKind, frameLength, isBefore, type Position, putFrame } from './frame.ts'
import {
  type Journal,
  JournalFormatError,
  maxRecordBytes,
  type ReplayedRecord,
  type ReplayEnd,
  type SegmentNumber,
} from './journal.ts'
import { type KeptSegment, mend, replacementSuffix } from './mend.ts'
import { segmentPath, segmentsAmong } from './segment-file.ts'
import { SegmentRow } from './segment-row.ts'
import { recordsOf, surveySegment } from './survey.ts'
import { judge } from './verdict.ts'

export interface JournalOptions {
  /** Makes stable what records name (staging's bytes), at the beginning of each sync. @default nothing */
  readonly before?: () => Promise<void>
  /** Records are synced unasked when the oldest one is this old. @default 5000 */
  readonly syncEveryMs?: number
  /** Appends are refused while less is free on the disk. @default 16 MiB */
  readonly reserveBytes?: number
  /** 16 bytes that change when the machine restarts. @default the kernel's */
  readonly bootId?: Buffer
  /** @default the machine's own */
  readonly disk?: Disk
  /** @default the machine's own */
  readonly clock?: Clock
  /** @default none */
  readonly log?: Log
}

/** A journal and what a replay of it will find. */
export interface OpenedJournal {
  readonly journal: FileJournal
  readonly end: ReplayEnd
}

/** Records wait for the end of the turn; this many bytes do not. */
const flushBytes = 256 << 10

/** The journal in a directory of segment files. One process at a time: the state directory's lock sees to it. */
export class FileJournal implements Journal {
  readonly #directory: string
  readonly #disk: Disk
  readonly #before: () => Promise<void>
  readonly #log: Log
  readonly #clock: Clock
  readonly #syncEveryMs: number
  readonly #space: FreeSpace
  readonly #commits = new GroupCommit(() => this.#commit())
  readonly #closing = new AbortController()
  readonly #found: readonly KeptSegment[]
  readonly #row: SegmentRow
  #buffer = Buffer.allocUnsafeSlow(flushBytes)
  #buffered = 0
  #flushPlanned = false
  #syncPlanned = false
  /** Why the buffer could not be written; it waits for a write that can. */
  #stuck: FsError | undefined
  /** Why nothing more is taken, for ever. */
  #failure: FsError | undefined
  /** Everything before this place is on stable storage. */
  #durable: Position
  /** Behind the last record. */
  #recordsEnd: Position
  #first: SegmentNumber
  /** The first segment as the last mark has it. */
  #markedFirst: SegmentNumber

  private constructor(
    directory: string,
    options: JournalOptions,
    disk: Disk,
    found: readonly KeptSegment[],
    durable: Position,
    row: SegmentRow,
  ) {
    this.#directory = directory
    this.#disk = disk
    this.#before = options.before ?? (async () => {})
    this.#log = (options.log ?? silentLog).room('journal')
    this.#clock = options.clock ?? systemClock
    this.#syncEveryMs = options.syncEveryMs ?? 5000
    this.#space = new FreeSpace(disk, directory, options.reserveBytes ?? 16 << 20, this.#clock)
    this.#found = found
    this.#durable = durable
    const last = found.at(-1)
    this.#recordsEnd = last ? { segment: last.segment, offset: last.end } : durable
    this.#row = row
    this.#first = this.#markedFirst = row.first
    if (found.length > 0) this.#planSync()
  }

  /**
   * Takes over what an earlier run left: decides what of it counts, sets aside what does not, and begins a new segment.
   * Throws FsError, and JournalFormatError (nothing was changed then).
   */
  static async open(directory: string, options: JournalOptions = {}): Promise<OpenedJournal> {
    const disk = options.disk ?? localDisk
    const boot = options.bootId ?? currentBootId()
    try {
      disk.makeDirectory(directory)
      await disk.syncDirectory(dirname(directory))
      const segments = segmentsAmong(disk.list(directory))
      const surveys = segments.map((segment) => surveySegment(disk, directory, segment))
      const verdict = judge(surveys, boot)
      for (const name of disk.list(directory)) {
        if (name.endsWith(replacementSuffix)) disk.remove(join(directory, name))
      }
      const { kept, end, durable } = await mend(disk, directory, surveys, verdict)
      const next = Math.max(kept.at(-1)?.segment ?? segments.at(-1) ?? 0, verdict.first - 1) + 1
      const row = new SegmentRow(disk, directory, boot, kept, next)
      await row.sync()
      // Not before what replaced them is stable.
      for (const segment of verdict.obsolete) disk.remove(segmentPath(directory, segment))
      return { journal: new FileJournal(directory, options, disk, kept, durable, row), end }
    } catch (error) {
      if (error instanceof JournalFormatError) throw error
      throw fsErrorOf(error, `cannot open the journal in ${directory}`)
    }
  }

  /** The records that were there when the journal was opened, oldest first. Before the first `dropBefore`. */
  *replay(): Iterable<ReplayedRecord> {
    for (const { segment, end } of this.#found) {
      for (const { payload } of recordsOf(this.#disk, this.#directory, segment, end)) {
        yield { segment, payload: Buffer.from(payload) }
      }
    }
  }

  get segment(): SegmentNumber {
    return this.#row.current.segment
  }

  get bytes(): number {
    return this.#row.bytes + this.#buffered
  }

  reserve(bytes: number): void {
    if (this.#failure) throw this.#failure
    if (bytes > maxRecordBytes) throw new FsError('EFBIG', `a journal record of ${bytes} bytes`)
    if (this.#stuck) this.#flush()
    this.#space.require(frameLength(bytes), this.#buffered)
  }

  append(payload: Uint8Array): void {
    this.reserve(payload.length)
    if (this.#buffered >= flushBytes) this.#tryFlush()
    this.#put(FrameKind.record, this.#row.current.recordSeed, payload)
    this.#recordsEnd = { segment: this.segment, offset: this.#row.current.end + this.#buffered }
    this.#planFlush()
    this.#planSync()
  }

  handOver(): void {
    if (this.#buffered > 0 && !this.#failure && !this.#stuck) this.#tryFlush()
  }

  sync(): Promise<void> {
    return this.#commits.run()
  }

  rotate(): SegmentNumber {
    if (this.#failure) throw this.#failure
    this.#flush()
    try {
      this.#row.rotate()
    } catch (error) {
      throw fsErrorOf(error, 'cannot begin a journal segment')
    }
    return this.segment
  }

  async dropBefore(segment: SegmentNumber): Promise<void> {
    this.#first = Math.max(this.#first, Math.min(segment, this.segment))
    // A mark that names the new first segment: a deletion that a crash cuts short is no damage.
    await this.sync()
    try {
      await this.#row.drop(this.#first)
    } catch (error) {
      throw fsErrorOf(error, 'cannot delete journal segments')
    }
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    try {
      await this.sync()
    } finally {
      this.#failure ??= new FsError('EIO', 'the journal is closed')
      this.#row.close()
    }
  }

  async #commit(): Promise<void> {
    if (this.#failure) throw this.#failure
    const covered = this.#recordsEnd
    await this.#before()
    if (!isBefore(this.#durable, covered) && this.#markedFirst === this.#first) return
    if (this.#stuck) this.#flush()
    const mark = { covered, durable: this.#durable, first: this.#first }
    this.#put(FrameKind.mark, this.#row.current.markSeed, encodeMark(mark))
    this.#flush()
    try {
      await this.#row.sync()
    } catch (error) {
      // What an fdatasync could not write is not tried again by the next one, which then reports success.
      this.#failure = fsErrorOf(
        error,
        'the journal could not be made stable; nothing more is taken',
      )
      this.#log.error(this.#failure.message, { code: this.#failure.code })
      throw this.#failure
    }
    this.#durable = covered
    this.#markedFirst = mark.first
  }

  #put(kind: FrameKind, seed: number, payload: Uint8Array): void {
    const needed = this.#buffered + frameLength(payload.length)
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length))
      this.#buffer.copy(larger, 0, 0, this.#buffered)
      this.#buffer = larger
    }
    this.#buffered = putFrame(this.#buffer, this.#buffered, kind, seed, payload)
  }

  #flush(): void {
    if (this.#buffered === 0) return
    try {
      this.#row.current.write(this.#buffer.subarray(0, this.#buffered))
    } catch (error) {
      this.#stuck = fsErrorOf(error, 'the journal cannot be written')
      throw this.#stuck
    }
    this.#stuck = undefined
    this.#buffered = 0
    if (this.#buffer.length > 4 * flushBytes) this.#buffer = Buffer.allocUnsafeSlow(flushBytes)
  }

  /** Where nobody can be told yet: the next append or sync tells. */
  #tryFlush(): void {
    try {
      this.#flush()
    } catch (error) {
      this.#log.warn((error as FsError).message, { code: (error as FsError).code })
    }
  }

  #planFlush(): void {
    if (this.#flushPlanned) return
    this.#flushPlanned = true
    // A microtask: an immediate would send the event loop round once more for each request that changes something.
    queueMicrotask(() => {
      this.#flushPlanned = false
      this.handOver()
    })
  }

  /** Bounds what the machine's crash can take. */
  #planSync(): void {
    if (this.#syncPlanned) return
    this.#syncPlanned = true
    void this.#syncLater()
  }

  async #syncLater(): Promise<void> {
    try {
      await this.#clock.sleep(this.#syncEveryMs, this.#closing.signal)
      this.#syncPlanned = false
      await this.sync()
    } catch (error) {
      if (this.#closing.signal.aborted || this.#failure) return
      this.#log.warn('a sync did not succeed', { code: (error as FsError).code })
      this.#planSync()
    }
  }
}
