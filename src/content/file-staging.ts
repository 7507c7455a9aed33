import { dirname } from 'node:path'
import { type Clock, systemClock } from '../runtime/clock.ts'
import { type Disk, localDisk } from '../runtime/disk.ts'
import { FreeSpace } from '../runtime/free-space.ts'
import { GroupCommit } from '../runtime/group-commit.ts'
import { type Log, silentLog } from '../runtime/log.ts'
import { FsError, fsErrorOf } from '../terms/errno.ts'
import type { Slice } from '../tree/slice.ts'
import type { StagingApi } from './content-api.ts'
import { SealedDisk } from './sealed-disk.ts'
import { StagingFiles, type StagingSegment } from './staging-files.ts'

export interface StagingOptions {
  /** A segment that would grow beyond this is followed by the next. At most 64 MiB. @default 64 MiB */
  readonly segmentBytes?: number
  /** The most bytes that may wait. @default no limit */
  readonly limitBytes?: number
  /** Writes are refused while less is free on the disk: room for the journal and for packs. @default 256 MiB */
  readonly reserveBytes?: number
  /** Files held open. @default 64 */
  readonly openFiles?: number
  /** The drive's key for staging files: they are sealed. @default they are not */
  readonly key?: Uint8Array | undefined
  /** @default the machine's own */
  readonly disk?: Disk
  /** @default the machine's own */
  readonly clock?: Clock
  /** @default none */
  readonly log?: Log
}

/** The disk as staging files need it. */
export function stagingDisk(disk: Disk, key: Uint8Array | undefined): Disk {
  return key ? new SealedDisk(disk, key) : disk
}

/** A slice's id is its segment's number and its number in the segment, where each has a byte of its own. */
const slicesPerSegment = 2 ** 26

/** Staging in a directory of segment files. One process at a time: the state directory's lock sees to it. */
export class FileStaging implements StagingApi {
  readonly appendOnly: boolean
  readonly #files: StagingFiles
  readonly #log: Log
  readonly #segmentBytes: number
  readonly #limitBytes: number
  readonly #space: FreeSpace
  readonly #commits = new GroupCommit(() => this.#makeStable())
  /** Ids of slices that show in two places. */
  readonly #shared = new Set<number>()
  /** Takes new bytes; undefined until there are some. */
  #current: StagingSegment | undefined
  /** Slices that were made in it. */
  #slices = 0
  /** Slices of segments up to this one do not change any more. */
  #sealed: number
  /** Why nothing more is taken, for ever. */
  #failure: FsError | undefined

  private constructor(files: StagingFiles, space: FreeSpace, options: StagingOptions) {
    this.appendOnly = options.key !== undefined
    this.#files = files
    this.#space = space
    this.#log = (options.log ?? silentLog).room('staging')
    this.#segmentBytes = Math.min(options.segmentBytes ?? slicesPerSegment, slicesPerSegment)
    this.#limitBytes = options.limitBytes ?? Infinity
    this.#sealed = files.last
  }

  /** Takes over the segments that are there; `retainOnly` says which of them count. Throws FsError. */
  static async open(directory: string, options: StagingOptions = {}): Promise<FileStaging> {
    const disk = options.disk ?? localDisk
    const clock = options.clock ?? systemClock
    const space = new FreeSpace(disk, directory, options.reserveBytes ?? 256 << 20, clock)
    try {
      disk.makeDirectory(directory)
      await disk.syncDirectory(dirname(directory))
      const files = new StagingFiles(
        stagingDisk(disk, options.key),
        directory,
        options.openFiles ?? 64,
      )
      return new FileStaging(files, space, options)
    } catch (error) {
      throw fsErrorOf(error, `cannot open staging in ${directory}`)
    }
  }

  get bytes(): number {
    return this.#files.bytes
  }

  write(bytes: Uint8Array): Slice {
    this.#require(bytes.length)
    let segment = this.#current
    if (!segment || (segment.end > 0 && segment.end + bytes.length > this.#segmentBytes)) {
      if (segment) this.#syncBehind()
      segment = this.#current = this.#files.begin()
      this.#slices = 0
    }
    const position = segment.end
    this.#append(segment, bytes)
    return this.#slice(segment, position, bytes.length)
  }

  extend(slice: Slice, bytes: Uint8Array): Slice | undefined {
    const segment = this.#current
    if (segment?.number !== slice.segment || this.#shared.has(slice.id)) return undefined
    if (slice.position + slice.length !== segment.end) return undefined
    if (segment.end + bytes.length > this.#segmentBytes) return undefined
    this.#require(bytes.length)
    this.#append(segment, bytes)
    return this.#slice(segment, slice.position, slice.length + bytes.length)
  }

  overwrite(slice: Slice, at: number, bytes: Uint8Array): boolean {
    if (this.appendOnly || slice.segment <= this.#sealed || this.#shared.has(slice.id)) return false
    if (at + bytes.length > slice.length) return false
    if (this.#failure) throw this.#failure
    this.#files.write(slice.segment, bytes, slice.position + at)
    return true
  }

  share(slice: Slice): void {
    if (slice.segment > this.#sealed) this.#shared.add(slice.id)
  }

  read(slice: Slice, at: number, into: Uint8Array): void {
    if (at + into.length > slice.length) throw new FsError('EIO', `beyond slice ${slice.id}`)
    this.#files.read(slice.segment, into, slice.position + at)
  }

  sync(): Promise<void> {
    return this.#commits.run()
  }

  seal(): number {
    this.#current = undefined
    this.#sealed = this.#files.last
    this.#shared.clear()
    return this.#sealed
  }

  async release(upTo: number, shown: Iterable<Slice>): Promise<void> {
    const kept = new Set<number>()
    for (const slice of shown) kept.add(slice.segment)
    if (upTo > this.#sealed) this.seal()
    await this.#remove(({ number }) => number <= upTo && !kept.has(number))
  }

  pathOf(segment: number): string {
    return this.#files.pathOf(segment)
  }

  async retainOnly(slices: Iterable<Slice>): Promise<readonly Slice[]> {
    const kept = new Set<number>()
    const missing: Slice[] = []
    for (const slice of slices) {
      kept.add(slice.segment)
      const end = this.#files.get(slice.segment)?.end ?? 0
      if (slice.position + slice.length > end) missing.push(slice)
    }
    await this.#remove(({ number }) => !kept.has(number))
    return missing
  }

  async close(): Promise<void> {
    try {
      if (!this.#failure) await this.sync()
    } finally {
      this.#failure ??= new FsError('EIO', 'staging is closed')
      this.#files.close()
    }
  }

  #require(bytes: number): void {
    if (this.#failure) throw this.#failure
    if (bytes === 0) throw new RangeError('a slice has at least one byte')
    if (this.bytes + bytes > this.#limitBytes) {
      throw new FsError('ENOSPC', 'staging has reached its limit')
    }
    this.#space.require(bytes)
  }

  /**
   * A full segment goes to the disk while the next is written: else the kernel lets dirty pages pile up, and then holds up
   * the very thread that answers it.
   */
  #syncBehind(): void {
    this.sync().catch(() => {
      // The next write or sync tells.
    })
  }

  #append({ number, end }: StagingSegment, bytes: Uint8Array): void {
    try {
      this.#files.write(number, bytes, end)
    } catch (error) {
      // Some of it may be there: in a sealed file nothing else is ever written to that place.
      if (this.appendOnly) this.#current = undefined
      throw error
    }
  }

  #slice(segment: StagingSegment, position: number, length: number): Slice {
    const id = segment.number * slicesPerSegment + this.#slices++
    return { id, segment: segment.number, position, length }
  }

  async #makeStable(): Promise<void> {
    if (this.#failure) throw this.#failure
    try {
      await this.#files.sync()
    } catch (error) {
      // What an fdatasync could not write is not tried again by the next one, which then reports success.
      this.#failure = fsErrorOf(error, 'staging could not be made stable')
      this.#log.error('staging could not be made stable; nothing more is taken', {
        code: this.#failure.code,
      })
      throw this.#failure
    }
  }

  #remove(which: (segment: StagingSegment) => boolean): Promise<void> {
    const segments = [...this.#files.segments].filter(which)
    return this.#files.remove(segments.map(({ number }) => number))
  }
}
