import { type Descriptor, type Disk, readUpTo } from '../runtime/disk.ts'
import { fsErrorOf } from '../terms/errno.ts'
import {
  decodeHeader,
  frameBytes,
  frameChecks,
  frameLengthAt,
  headerBytes,
  type Mark,
  markFrameBytes,
  marksIn,
  type SegmentHeader,
} from './frame.ts'

const windowBytes = 1 << 20

/** Reads the frames of one segment file in order, a window at a time. */
export class SegmentReader {
  readonly size: number
  /** Undefined when it is not whole; then there are no frames either. */
  readonly header: SegmentHeader | undefined
  readonly #disk: Disk
  readonly #file: Descriptor
  readonly #path: string
  #position: number
  #window: Buffer = Buffer.alloc(0)
  #windowAt = 0

  /** Throws FsError, and JournalFormatError for a segment of another version. */
  constructor(disk: Disk, path: string) {
    this.#disk = disk
    this.#path = path
    try {
      this.#file = disk.open(path, 'read')
    } catch (error) {
      throw fsErrorOf(error, `cannot open ${path}`)
    }
    try {
      this.size = disk.size(this.#file)
      this.header = decodeHeader(this.#at(0, Math.min(headerBytes, this.size)))
    } catch (error) {
      this.close()
      throw error
    }
    this.#position = this.header ? headerBytes : 0
  }

  /** Offset behind the last frame that `next` gave. */
  get position(): number {
    return this.#position
  }

  /** The next whole frame; undefined at the end or at bytes that do not check. Valid until the next call. */
  next(): Buffer | undefined {
    const length = this.claimedLength()
    if (!this.header || length === undefined || this.#position + length > this.size)
      return undefined
    const frame = this.#at(this.#position, length)
    if (!frameChecks(frame, this.header.salt)) return undefined
    this.#position += length
    return frame
  }

  /** Length of the frame that seems to begin here, checked or not; undefined where none can. */
  claimedLength(): number | undefined {
    if (this.#position + frameBytes > this.size) return undefined
    return frameLengthAt(this.#at(this.#position, frameBytes), 0)
  }

  /** Marks that can be found behind the position, whatever lies between. */
  *marksBehind(): Iterable<Mark> {
    for (let at = this.#position; at < this.size; at += windowBytes) {
      // Marks that cross the border of two windows are found in both at most, never in none.
      const length = Math.min(windowBytes + markFrameBytes - 1, this.size - at)
      yield* marksIn(this.#at(at, length), this.header?.salt)
    }
  }

  close(): void {
    this.#disk.close(this.#file)
  }

  #at(position: number, length: number): Buffer {
    if (position < this.#windowAt || position + length > this.#windowAt + this.#window.length) {
      const bytes = Math.max(length, Math.min(windowBytes, this.size - position))
      this.#window = Buffer.allocUnsafe(bytes)
      this.#windowAt = position
      this.#fill()
    }
    return this.#window.subarray(position - this.#windowAt, position - this.#windowAt + length)
  }

  #fill(): void {
    let count: number
    try {
      count = readUpTo(this.#disk, this.#file, this.#window, this.#windowAt)
    } catch (error) {
      throw fsErrorOf(error, `cannot read ${this.#path}`)
    }
    if (count < this.#window.length) this.#window.fill(0, count)
  }
}
