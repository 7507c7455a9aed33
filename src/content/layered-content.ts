import type { PieceCache } from '../cache/piece-cache.ts'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import type { Journal } from '../journal/journal.ts'
import { type Clock, systemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { FsError } from '../terms/errno.ts'
import { pieceHashOf } from '../terms/piece-hash.ts'
import type { Extent, ExtentSource } from '../tree/extent-map.ts'
import type { Inode } from '../tree/inode.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { Content, ContentStats, StagingApi } from './content-api.ts'
import type { ContentOptions } from './content-options.ts'
import { withDeadline } from './deadline.ts'
import { checkedPart, copyBytes, isReadAsStored, isSamePiece, part } from './extent-bytes.ts'
import { PieceFetcher } from './piece-fetcher.ts'
import { ReadAhead } from './read-ahead.ts'
import { type PlacedSlice, stageWrite } from './staged-writes.ts'

/** Bytes of files laid over each other: slices in staging, pieces in memory, on the disk and in the store, zeros. */
export class LayeredContent implements Content {
  readonly #cache: PieceCache
  readonly #codec: Pick<PieceCodec, 'decode'>
  readonly #staging: StagingApi | undefined
  readonly #journal: Pick<Journal, 'sync'> | undefined
  readonly #clock: Clock
  readonly #deadlineMs: number
  readonly #fetcher: PieceFetcher
  readonly #readAhead: ReadAhead

  constructor(options: ContentOptions) {
    const { store, codec, cache, clock = systemClock, deadlineMs = 60_000 } = options
    this.#cache = cache
    this.#codec = codec
    this.#staging = options.staging
    this.#journal = options.journal
    this.#clock = clock
    this.#deadlineMs = deadlineMs
    this.#fetcher = new PieceFetcher({
      store,
      codec,
      cache,
      clock,
      log: (options.log ?? silentLog).room('content'),
      parallelReads: options.parallelReads ?? 32,
      runBytes: options.runBytes ?? 4 << 20,
      deadlineMs,
      down: options.down,
      matches: options.matches ?? matchesHash,
    })
    this.#readAhead = new ReadAhead({
      has: (ref) => this.#fetcher.isFlying(ref) || cache.has(ref),
      willNeed: (ref) => cache.willNeed(ref),
      fetch: (refs) => this.#fetcher.fetchAhead(refs),
      clock,
      firstWindowBytes: 1 << 20,
      windowBytes: options.readAheadBytes ?? 32 << 20,
      budgetBytes: options.readAheadBudgetBytes ?? 64 << 20,
    })
  }

  get stats(): ContentStats {
    const { bytes, hitBytes } = this.#readAhead.stats
    return { ...this.#fetcher.stats, readAheadBytes: bytes, readAheadHitBytes: hitBytes }
  }

  read(
    inode: Inode,
    offset: number,
    into: Uint8Array,
    signal?: AbortSignal,
  ): number | Promise<Uint8Array> {
    const length = Math.min(into.length, inode.size - offset)
    if (length <= 0) return 0
    const whole = inode.extents?.at(offset)
    if (whole === undefined || whole.end < offset + length) {
      return this.#readParts(inode, offset, length, into, signal)
    }
    const { source, start } = whole
    if (this.#copy(source, source.at + offset - start, into, 0, length)) return length
    return this.#readRemote(inode, offset, length, source, signal)
  }

  readAhead(handle: object, inode: Inode, offset: number, length: number): void {
    this.#readAhead.note(handle, inode, offset, length)
  }

  forget(handle: object): void {
    this.#readAhead.forget(handle)
  }

  piece(ref: PieceRef): Uint8Array | Promise<Uint8Array> {
    return this.#local(ref) ?? this.#remote([ref], undefined).then(([plain]) => plain!)
  }

  /** Fetches pieces from the network into the cache, whatever is in memory, behind what somebody waits for. */
  warm(refs: readonly PieceRef[]): readonly Promise<unknown>[] {
    return this.#fetcher.fetchAhead(refs)
  }

  write(inode: Inode, offset: number, bytes: Uint8Array): readonly PlacedSlice[] {
    if (!this.#staging) throw new FsError('EROFS', 'the drive is mounted read-only')
    return stageWrite(this.#staging, inode, offset, bytes)
  }

  share(inode: Inode, offset: number, length: number): void {
    for (const { source } of inode.extents?.over(offset, offset + length) ?? []) {
      if (source.kind === 'slice') this.#staging?.share(source.slice)
    }
  }

  async sync(): Promise<void> {
    await this.#journal?.sync()
  }

  /** Gives up what is on its way from the network. */
  close(): Promise<void> {
    return this.#fetcher.close()
  }

  /** What lies in several extents, or in holes. */
  #readParts(
    inode: Inode,
    offset: number,
    length: number,
    into: Uint8Array,
    signal: AbortSignal | undefined,
  ): number | Promise<Uint8Array> {
    let at = offset
    for (const extent of inode.extents?.over(offset, offset + length) ?? []) {
      if (extent.start > at) into.fill(0, at - offset, extent.start - offset)
      if (!this.#copyExtent(extent, into, extent.start - offset)) {
        return this.#readRemote(inode, offset, length, extent.source, signal)
      }
      at = extent.end
    }
    into.fill(0, at - offset, length)
    return length
  }

  #copyExtent({ start, end, source }: Extent, into: Uint8Array, position: number): boolean {
    return this.#copy(source, source.at, into, position, end - start)
  }

  /** Copies bytes of a source from `at` on; false when they are not on this machine. */
  #copy(
    source: ExtentSource,
    at: number,
    into: Uint8Array,
    position: number,
    length: number,
  ): boolean {
    switch (source.kind) {
      case 'slice':
        this.#stagingOf().read(source.slice, at, part(into, position, length))
        return true
      case 'inline':
        copyBytes(source.bytes, at, into, position, length)
        return true
      case 'piece': {
        if (isReadAsStored(source.piece, length)) {
          return this.#readPiece(source.piece, part(into, position, length))
        }
        const plain = this.#local(source.piece)
        if (plain) copyBytes(plain, at, into, position, length)
        return plain !== undefined
      }
    }
  }

  /**
   * All of a piece that lies as it is on the disk. It is not kept in memory: who asked has it, mostly the kernel in its pages, and a
   * megabyte that is made for each piece has V8 collect garbage all the time.
   */
  #readPiece(ref: PieceRef, into: Uint8Array): boolean {
    let plain = this.#cache.plain(ref)
    if (!plain) {
      if (!this.#cache.readStored(ref, into)) return false
      plain = this.#decode(ref, into)
    }
    if (plain !== into) into.set(plain)
    this.#readAhead.used(ref)
    return true
  }

  /** Plain bytes of a piece from memory or from the disk. */
  #local(ref: PieceRef): Uint8Array | undefined {
    let plain = this.#cache.plain(ref)
    if (!plain) {
      const stored = this.#cache.stored(ref)
      if (!stored) return undefined
      plain = this.#decode(ref, stored)
      this.#cache.keepPlain(ref, plain)
    }
    this.#readAhead.used(ref)
    return plain
  }

  #decode(ref: PieceRef, stored: Uint8Array): Uint8Array {
    try {
      return this.#codec.decode(ref, stored)
    } catch (error) {
      throw new FsError('EIO', 'a piece cannot be decoded', { cause: error })
    }
  }

  /** What is here is copied now: it may be overwritten before the rest comes. `missed` is known not to be here. */
  #readRemote(
    inode: Inode,
    offset: number,
    length: number,
    missed: ExtentSource,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    const [whole] = inode.extents!.over(offset, offset + length)
    if (whole?.source.kind === 'piece' && whole.end - whole.start === length) {
      const { at, piece } = whole.source
      return this.#remote([piece], signal).then(([plain]) => checkedPart(plain!, at, length))
    }
    const bytes = Buffer.alloc(length)
    const missing: Extent[] = []
    const refs: PieceRef[] = []
    for (const extent of inode.extents!.over(offset, offset + length)) {
      const isMissed = isSamePiece(extent.source, missed)
      if (!isMissed && this.#copyExtent(extent, bytes, extent.start - offset)) continue
      missing.push(extent)
      if (extent.source.kind === 'piece') refs.push(extent.source.piece)
    }
    return this.#remote(refs, signal).then((pieces) => {
      for (const [index, { start, end, source }] of missing.entries()) {
        copyBytes(pieces[index]!, source.at, bytes, start - offset, end - start)
      }
      return bytes
    })
  }

  async #remote(
    refs: readonly PieceRef[],
    signal: AbortSignal | undefined,
  ): Promise<readonly Uint8Array[]> {
    const bytes = refs.reduce((sum, { storedLength }) => sum + storedLength, 0)
    const interrupted = new AbortController()
    const interrupt = (): void => interrupted.abort(new FsError('EINTR', 'interrupted'))
    if (signal?.aborted) interrupt()
    signal?.addEventListener('abort', interrupt, { once: true })
    try {
      return await withDeadline(
        () => Promise.all(this.#fetcher.fetch(refs)),
        this.#deadlineMs + this.#fetcher.waitMs(bytes),
        this.#clock,
        interrupted.signal,
      )
    } finally {
      signal?.removeEventListener('abort', interrupt)
      for (const ref of refs) this.#readAhead.used(ref)
    }
  }

  #stagingOf(): StagingApi {
    if (this.#staging) return this.#staging
    throw new FsError('EIO', 'a slice without staging')
  }
}

function matchesHash(ref: PieceRef, stored: Uint8Array): boolean {
  return stored.length === ref.storedLength && pieceHashOf(stored) === ref.hash
}
