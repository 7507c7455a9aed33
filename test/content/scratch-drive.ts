import { type CacheOptions, MemoryOverDiskCache } from '../../src/cache/memory-over-disk-cache.ts'
import type { ContentOptions } from '../../src/content/content-options.ts'
import { FileStaging } from '../../src/content/file-staging.ts'
import { LayeredContent } from '../../src/content/layered-content.ts'
import { openPieceCodec } from '../../src/crypto/open-piece-codec.ts'
import type { PieceCodec } from '../../src/crypto/piece-codec.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import { LineLog } from '../../src/runtime/log.ts'
import { StoreError } from '../../src/store/blob-store.ts'
import { type BlobId, blobIdFromBytes } from '../../src/terms/blob-id.ts'
import { pieceHashOf } from '../../src/terms/piece-hash.ts'
import { ExtentList } from '../../src/tree/extents/extent-list.ts'
import type { Inode } from '../../src/tree/inode.ts'
import type { PieceRef } from '../../src/tree/piece-ref.ts'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'

/** A read that somebody has to answer. */
export interface PendingRead {
  readonly blob: BlobId
  readonly offset: number
  readonly length: number
  readonly signal: AbortSignal
  answer(bytes?: Uint8Array): void
  fail(error: Error): void
}

/** Packs in memory. Answers at once, or waits to be told. */
export class ScriptedStore {
  readonly packs = new Map<BlobId, Buffer>()
  readonly reads: PendingRead[] = []
  /** Reads wait for `answer` or `fail`. */
  held = false
  /** Called before each answer; may throw. */
  fault: (read: PendingRead) => void = () => {}

  read(blob: BlobId, offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
      const bytes = (): Uint8Array => {
        const pack = this.packs.get(blob)
        if (!pack) throw new StoreError('not-found', `no blob ${blob}`)
        return Uint8Array.from(pack.subarray(offset, offset + length))
      }
      const read = { blob, offset, length, signal, answer: () => {}, fail: reject } as PendingRead
      read.answer = (given) => {
        try {
          this.fault(read)
          resolve(given ?? bytes())
        } catch (error) {
          reject(error as Error)
        }
      }
      this.reads.push(read)
      if (!this.held) setImmediate(() => read.answer())
    })
  }
}

/** A clock that moves when it is told to. */
export class ScriptedClock implements Clock {
  time = 1_000_000
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>()

  now(): number {
    return this.time
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      const sleeper = {
        until: this.time + ms,
        wake: () => {
          this.#sleepers.delete(sleeper)
          resolve()
        },
      }
      this.#sleepers.add(sleeper)
      signal.addEventListener('abort', () => {
        this.#sleepers.delete(sleeper)
        reject(signal.reason as Error)
      })
    })
  }

  get sleepers(): number {
    return this.#sleepers.size
  }

  async pass(ms: number): Promise<void> {
    this.time += ms
    for (const sleeper of this.#sleepers) if (sleeper.until <= this.time) sleeper.wake()
    await turns(3)
  }
}

export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}

let packs = 0

/** Everything that content stands on, in memory. */
export class ScratchDrive {
  readonly store = new ScriptedStore()
  readonly clock = new ScriptedClock()
  readonly disk = new SimulatedDisk()
  readonly codec: PieceCodec
  readonly logged: string[] = []
  readonly log = new LineLog((line) => this.logged.push(line), 'debug')
  cache!: MemoryOverDiskCache
  staging!: FileStaging
  content!: LayeredContent

  private constructor(key: Uint8Array | undefined) {
    this.codec = openPieceCodec(key ? { key } : {})
  }

  static async open(
    options: Partial<ContentOptions> & {
      cacheOptions?: CacheOptions
      key?: Uint8Array
    } = {},
  ): Promise<ScratchDrive> {
    const drive = new ScratchDrive(options.key)
    const { disk, clock, log } = drive
    drive.cache = await MemoryOverDiskCache.open('/cache', {
      disk,
      clock,
      log,
      reserveBytes: 0,
      ...options.cacheOptions,
    })
    drive.staging = await FileStaging.open('/staging', { disk, clock, log, reserveBytes: 0 })
    drive.content = new LayeredContent({
      clock,
      log,
      store: drive.store,
      codec: drive.codec,
      cache: drive.cache,
      staging: drive.staging,
      ...options,
    })
    return drive
  }

  /** Puts plain pieces into a new pack, one behind the other. */
  pack(pieces: readonly Uint8Array[]): PieceRef[] {
    const blob = blobIdFromBytes(Buffer.alloc(32, ++packs))
    let offset = 0
    const stored: Uint8Array[] = []
    const refs = pieces.map((plain) => {
      const piece = this.codec.encode(plain)
      const { compression, seal, length } = piece
      const ref = {
        blob,
        offset,
        compression,
        seal,
        length,
        storedLength: piece.stored.length,
        hash: pieceHashOf(piece.stored),
      }
      stored.push(piece.stored)
      offset += piece.stored.length
      return ref
    })
    this.store.packs.set(blob, Buffer.concat(stored))
    return refs
  }

  /** A file whose pieces lie one behind the other. */
  file(refs: readonly PieceRef[]): TestInode {
    const inode = new TestInode()
    for (const piece of refs) {
      const end = inode.size + piece.length
      inode.extents.put(inode.size, end, { kind: 'piece', piece, at: 0 })
      inode.size = end
    }
    return inode
  }

  /** What the vfs does with a write. */
  write(inode: TestInode, offset: number, bytes: Uint8Array): number {
    const placed = this.content.write(inode as unknown as Inode, offset, bytes)
    for (const { offset: at, slice } of placed) {
      inode.extents.put(at, at + slice.length, { kind: 'slice', slice, at: 0 })
      inode.size = Math.max(inode.size, at + slice.length)
    }
    return placed.length
  }

  /** Reads, however long it takes. */
  async read(inode: TestInode, offset: number, length: number): Promise<Buffer> {
    return this.readNow(inode, offset, length)
  }

  /** A buffer when the answer came at once. */
  readNow(
    inode: TestInode,
    offset: number,
    length: number,
    signal?: AbortSignal,
  ): Buffer | Promise<Buffer> {
    const into = Buffer.alloc(length, 0xee)
    const answer = this.content.read(inode as unknown as Inode, offset, into, signal)
    if (typeof answer === 'number') return into.subarray(0, answer)
    return answer.then((bytes) => Buffer.from(bytes))
  }

  /** What a read gives at once. */
  readText(inode: TestInode, offset: number, length: number): string {
    return (this.readNow(inode, offset, length) as Buffer).toString('latin1')
  }

  readAhead(handle: object, inode: TestInode, offset: number, length: number): void {
    this.content.readAhead(handle, inode as unknown as Inode, offset, length)
  }
}

/** As much of an inode as content looks at. */
export class TestInode {
  size = 0
  extents: ExtentList = new ExtentList()
}

/** Bytes that do not compress and tell where they are from. */
export function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = (seed * 2654435761) >>> 0 || 1
  for (let at = 0; at < length; at += 4) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    if (at + 4 <= length) bytes.writeUInt32LE(state, at)
    else bytes[at] = state & 255
  }
  return bytes
}
