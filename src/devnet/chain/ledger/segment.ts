import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { frameOf, headerBytes } from './frames.ts'

/** The first bytes of a segment: what it is, and the version of its format. */
export const segmentMagic = Buffer.from('WFSCHN01')

/** A file of the log, open for appending. Appends are in the file when they return, and durable after `sync`. */
export class Segment {
  readonly path: string
  readonly #fd: number
  #length: number

  /** Makes a new, empty segment, its name durable. Throws when the file exists. */
  static create(path: string): Segment {
    const fd = openSync(path, 'wx+', 0o600)
    writeSync(fd, segmentMagic)
    fsyncSync(fd)
    syncDirectory(dirname(path))
    return new Segment(path, fd, segmentMagic.length)
  }

  /** Goes on with a segment after its last whole frame; what follows is cut off. Its first bytes may be missing, too. */
  static continue(path: string, length: number): Segment {
    const fd = openSync(path, 'r+')
    ftruncateSync(fd, length)
    writeSync(fd, segmentMagic, 0, segmentMagic.length, 0)
    fdatasyncSync(fd)
    return new Segment(path, fd, length)
  }

  private constructor(path: string, fd: number, length: number) {
    this.path = path
    this.#fd = fd
    this.#length = length
  }

  get length(): number {
    return this.#length
  }

  /** Writes a record and returns where its content lies. On an error nothing of it stays. */
  append(content: Uint8Array): number {
    const frame = frameOf(content)
    try {
      for (let done = 0; done < frame.length;)
        done += writeSync(this.#fd, frame, done, frame.length - done, this.#length + done)
    } catch (error) {
      ftruncateSync(this.#fd, this.#length)
      throw error
    }
    const offset = this.#length + headerBytes
    this.#length += frame.length
    return offset
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = Buffer.alloc(length)
    readSync(this.#fd, bytes, 0, length, offset)
    return bytes
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) =>
      fdatasync(this.#fd, (error) => (error ? reject(error) : resolve())),
    )
  }

  /** Like `sync`, but the caller waits. */
  syncNow(): void {
    fdatasyncSync(this.#fd)
  }

  close(): void {
    closeSync(this.#fd)
  }
}

/** Makes the names in a directory durable. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
