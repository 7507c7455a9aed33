import { type Descriptor, type Disk, writeAll } from '../runtime/disk.ts'
import { encodeHeader, FrameKind, headerBytes, type SegmentHeader, seedOf } from './frame.ts'
import type { SegmentNumber } from './journal.ts'
import { segmentPath } from './segment-file.ts'

/** One segment file, and how much of it is where. Errors are those of the system calls. */
export class SegmentWriter {
  readonly segment: SegmentNumber
  /** Checksum seeds of its records and marks. */
  readonly recordSeed: number
  readonly markSeed: number
  readonly #disk: Disk
  #file: Descriptor | undefined
  #end: number
  #syncedEnd: number
  #syncs = 0
  #closing = false

  private constructor(
    disk: Disk,
    file: Descriptor,
    segment: SegmentNumber,
    salt: number,
    end: number,
  ) {
    this.#disk = disk
    this.#file = file
    this.segment = segment
    this.recordSeed = seedOf(FrameKind.record, salt)
    this.markSeed = seedOf(FrameKind.mark, salt)
    this.#end = end
    this.#syncedEnd = 0
  }

  /** Makes the file with its header. */
  static create(disk: Disk, directory: string, header: Omit<SegmentHeader, 'salt'>): SegmentWriter {
    const path = segmentPath(directory, header.segment)
    const file = disk.open(path, 'create')
    const bytes = encodeHeader(header)
    try {
      writeAll(disk, file, bytes, 0)
    } catch (error) {
      disk.close(file)
      disk.remove(path)
      throw error
    }
    return new SegmentWriter(
      disk,
      file,
      header.segment,
      bytes.readUInt32LE(headerBytes - 4),
      headerBytes,
    )
  }

  /** A segment of an earlier run, to be made stable, not written to. */
  static reopen(disk: Disk, directory: string, segment: SegmentNumber, end: number): SegmentWriter {
    return new SegmentWriter(
      disk,
      disk.open(segmentPath(directory, segment), 'write'),
      segment,
      0,
      end,
    )
  }

  /** Bytes in the file. */
  get end(): number {
    return this.#end
  }

  /** All of them are on stable storage. */
  get synced(): boolean {
    return this.#syncedEnd === this.#end
  }

  /** Appends. After an error nothing counts as written; the same bytes can be tried again. */
  write(bytes: Uint8Array): void {
    writeAll(this.#disk, this.#open(), bytes, this.#end)
    this.#end += bytes.length
  }

  async sync(): Promise<void> {
    const end = this.#end
    if (end === this.#syncedEnd) return
    this.#syncs++
    try {
      await this.#disk.datasync(this.#open())
      this.#syncedEnd = Math.max(this.#syncedEnd, end)
    } finally {
      this.#syncs--
      if (this.#closing) this.close()
    }
  }

  /** Lets go of the file, after a sync that runs. */
  close(): void {
    this.#closing = true
    if (this.#file === undefined || this.#syncs > 0) return
    this.#disk.close(this.#file)
    this.#file = undefined
  }

  #open(): Descriptor {
    if (this.#file !== undefined) return this.#file
    throw Object.assign(new Error('the segment is closed'), { code: 'EBADF' })
  }
}
