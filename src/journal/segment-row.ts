import type { Disk } from '../runtime/disk.ts'
import type { SegmentNumber } from './journal.ts'
import type { KeptSegment } from './mend.ts'
import { segmentPath } from './segment-file.ts'
import { SegmentWriter } from './segment-writer.ts'

/** A segment that is not written to any more. */
interface EndedSegment extends KeptSegment {
  /** As long as it is not known to be on stable storage. */
  readonly writer: SegmentWriter | undefined
}

/** The segment files of a journal, the last of them open. Errors are those of the system calls. */
export class SegmentRow {
  readonly #disk: Disk
  readonly #directory: string
  readonly #boot: Buffer
  #ended: EndedSegment[]
  #current: SegmentWriter
  #namesChanged = true

  /** `kept` is what is there, stable or not; the new segment gets the number `next`. */
  constructor(
    disk: Disk,
    directory: string,
    boot: Buffer,
    kept: readonly KeptSegment[],
    next: SegmentNumber,
  ) {
    this.#disk = disk
    this.#directory = directory
    this.#boot = boot
    this.#ended = kept.map(({ segment, end }) => ({
      segment,
      end,
      writer: SegmentWriter.reopen(disk, directory, segment, end),
    }))
    this.#current = this.#create(next, kept.at(-1)?.end ?? 0)
  }

  get current(): SegmentWriter {
    return this.#current
  }

  /** Oldest segment. */
  get first(): SegmentNumber {
    return this.#ended[0]?.segment ?? this.#current.segment
  }

  /** Bytes in all files. */
  get bytes(): number {
    return this.#ended.reduce((sum, { end }) => sum + end, this.#current.end)
  }

  /** Begins the next segment. After an error the current one goes on. */
  rotate(): void {
    const ended = this.#current
    this.#current = this.#create(ended.segment + 1, ended.end)
    this.#ended.push({ segment: ended.segment, end: ended.end, writer: ended })
  }

  /** Everything written before is on stable storage when it resolves. One at a time. */
  async sync(): Promise<void> {
    const namesChanged = this.#namesChanged
    this.#namesChanged = false
    const ended = this.#ended.map(({ writer }) => writer?.sync())
    const results = await Promise.allSettled([
      this.#current.sync(),
      ...ended,
      namesChanged ? this.#disk.syncDirectory(this.#directory) : undefined,
    ])
    for (const result of results) if (result.status === 'rejected') throw result.reason
    this.#ended = this.#ended.map((segment) => {
      if (!segment.writer?.synced) return segment
      segment.writer.close()
      return { ...segment, writer: undefined }
    })
  }

  /** Deletes the segments before this one; they have been synced. */
  async drop(before: SegmentNumber): Promise<void> {
    const dropped = this.#ended.filter(({ segment }) => segment < before)
    this.#ended = this.#ended.filter(({ segment }) => segment >= before)
    for (const { segment, writer } of dropped) {
      writer?.close()
      this.#disk.remove(segmentPath(this.#directory, segment))
    }
    if (dropped.length > 0) await this.#disk.syncDirectory(this.#directory)
  }

  close(): void {
    this.#current.close()
    for (const { writer } of this.#ended) writer?.close()
  }

  #create(segment: SegmentNumber, previousEnd: number): SegmentWriter {
    this.#namesChanged = true
    return SegmentWriter.create(this.#disk, this.#directory, {
      segment,
      boot: this.#boot,
      previousEnd,
    })
  }
}
