import { FsError } from '../terms/errno.ts'
import { interruptible, isPending } from './answer.ts'
import { touchAccessTime } from './access-time.ts'
import type { Answer, Caller, HandleId } from './file-system.ts'
import type { OpenFile } from './handle-table.ts'
import { timesOf } from './late-times.ts'
import { maxFileBytes } from './limits.ts'
import { dropCapabilities, dropPrivileges } from './privileges.ts'
import type { Volume } from './volume.ts'

/** read and write. */
export class IoCalls {
  readonly #volume: Volume

  constructor(volume: Volume) {
    this.#volume = volume
  }

  read(
    handle: HandleId,
    offset: number,
    into: Uint8Array,
    signal: AbortSignal | undefined,
  ): number | Promise<Uint8Array> {
    const file = this.#volume.files.get(handle)
    const { inode } = file
    if (inode.extents === undefined) return this.#readUnloaded(file, offset, into.length, signal)
    this.#volume.content.readAhead(file, inode, offset, into.length)
    if (!file.keepsAccessTime) touchAccessTime(this.#volume, inode)
    return this.#volume.content.read(inode, offset, into, signal)
  }

  /** Where the bytes of a file lie is not known yet: the answer comes later, in a buffer of its own. */
  async #readUnloaded(
    { inode }: OpenFile,
    offset: number,
    length: number,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    await interruptible(Promise.resolve(this.#volume.worktree.extents(inode)), signal)
    const own = new Uint8Array(length)
    const bytes = await this.#volume.content.read(inode, offset, own, signal)
    return typeof bytes === 'number' ? own.subarray(0, bytes) : bytes
  }

  write(
    handle: HandleId,
    offset: number,
    bytes: Uint8Array,
    cached: boolean,
    caller: Caller,
  ): Answer<number> {
    if (!cached) return this.#write(handle, offset, bytes, false, caller)
    try {
      const answer = this.#write(handle, offset, bytes, true, caller)
      return isPending(answer)
        ? answer.catch((error: unknown) => this.#refuse(handle, bytes.length, error))
        : answer
    } catch (error) {
      return this.#refuse(handle, bytes.length, error)
    }
  }

  /** Nobody waits for pages: who wrote them learns of it at the next fsync or close, if there is one. */
  #refuse(handle: HandleId, bytes: number, error: unknown): never {
    this.#volume.options.onRefused?.(this.#volume.files.get(handle).inode, bytes, error)
    throw error
  }

  #write(
    handle: HandleId,
    offset: number,
    bytes: Uint8Array,
    cached: boolean,
    caller: Caller,
  ): Answer<number> {
    const file = writableFile(this.#volume, handle)
    const pause = this.#volume.options.throttle?.()
    if (pause === undefined && file.inode.extents !== undefined) {
      return this.#put(file, offset, bytes, cached, caller)
    }
    return this.#writeLater(pause, handle, offset, Uint8Array.from(bytes), cached, caller)
  }

  async #writeLater(
    pause: Promise<void> | undefined,
    handle: HandleId,
    offset: number,
    own: Uint8Array,
    cached: boolean,
    caller: Caller,
  ): Promise<number> {
    await pause
    await this.#volume.worktree.extents(this.#volume.files.get(handle).inode)
    return this.#write(handle, offset, own, cached, caller)
  }

  #put(file: OpenFile, wanted: number, bytes: Uint8Array, cached: boolean, caller: Caller): number {
    if (bytes.length === 0) return 0
    const { inode } = file
    const offset = file.append && !cached ? inode.size : wanted
    const fitting = fit(bytes, offset)
    this.#checkCapacity(offset + fitting.length - inode.size)
    if (!cached) dropPrivileges(this.#volume, inode, caller)
    else if (inode.xattrs !== undefined) dropCapabilities(this.#volume, inode, this.#volume.now())
    this.#store(file, offset, fitting, cached)
    this.#volume.changedThrough(inode, file.node)
    return fitting.length
  }

  #store({ inode }: OpenFile, offset: number, bytes: Uint8Array, cached: boolean): void {
    const placed = this.#volume.content.write(inode, offset, bytes)
    // The kernel hands the mtime of its own pages down later.
    if (placed.length === 0 && cached) return
    const time = this.#volume.now()
    const known = cached ? timesOf(inode) : undefined
    for (const { offset: at, slice } of placed) {
      this.#volume.apply({ type: 'write', ino: inode.ino, offset: at, slice, time })
    }
    if (known !== undefined) this.#volume.lateTimes.wrote(inode, known, time)
    if (placed.length > 0) return
    this.#volume.apply({ type: 'attributes', ino: inode.ino, mtime: time, time })
  }

  #checkCapacity(growth: number): void {
    const { capacityBytes } = this.#volume.options
    if (capacityBytes === undefined || growth <= 0) return
    if (this.#volume.worktree.usedBytes + growth > capacityBytes) {
      throw new FsError('ENOSPC', 'the drive holds as much as it may')
    }
  }
}

/** An open file that may be written. Throws FsError EBADF or EROFS. */
export function writableFile(volume: Volume, handle: HandleId): OpenFile {
  const file = volume.files.get(handle)
  if (!file.writable) throw new FsError('EBADF', 'the file is not open for writing')
  volume.checkWritable()
  return file
}

/** As many bytes as a file can have from there on; EFBIG when none. */
function fit(bytes: Uint8Array, offset: number): Uint8Array {
  const room = maxFileBytes - offset
  if (room <= 0) throw new FsError('EFBIG', 'beyond what a file can be')
  return bytes.length <= room ? bytes : bytes.subarray(0, room)
}
