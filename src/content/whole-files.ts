import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { PieceCache } from '../cache/piece-cache.ts'
import type { WholeFile, WholeShelf } from '../cache/whole-shelf.ts'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import { type Descriptor, type Disk, writeAllLater } from '../runtime/disk.ts'
import type { Log } from '../runtime/log.ts'
import { Seal } from '../terms/piece-coding.ts'
import { pieceHashOf } from '../terms/piece-hash.ts'
import type { Extent, ExtentMap } from '../tree/extent-map.ts'
import type { Inode } from '../tree/inode.ts'
import type { PieceRef } from '../tree/piece-ref.ts'

export interface WholeFilesParts {
  readonly shelf: Pick<WholeShelf, 'open' | 'has' | 'write' | 'largestBytes' | 'directory'>
  readonly cache: Pick<PieceCache, 'has' | 'plain' | 'stored'>
  readonly codec: Pick<PieceCodec, 'decode'>
  readonly disk: Disk
  /** Evicts until the cache's limits are kept. */
  readonly makeRoom: () => Promise<void>
  readonly log: Log
  /** Smaller files are read through us. @default 1 MiB */
  readonly minBytes?: number
}

/** A file that is to be written. */
interface Wanted {
  readonly key: string
  readonly extents: ExtentMap
  readonly length: number
}

/** Files in more parts than this are read through us: their key would take long. */
const mostExtents = 16_384
/** Files that were closed once are remembered, so many. */
const rememberedFiles = 4096
/** Files that wait to be written; more are left to a later close. */
const mostWaiting = 16

/**
 * Files laid out on the disk as a kernel can read them by itself: those that are opened again and again, and wholly in the cache. Named by
 * what their bytes are made of, so a file that changes is another one. Only files that do not change meanwhile: of read-only drives.
 */
export class WholeFiles {
  readonly #parts: WholeFilesParts
  readonly #minBytes: number
  /** Of extents that do not change; a changed file has others. */
  readonly #keys = new WeakMap<
    ExtentMap,
    { readonly size: number; readonly key: string | undefined }
  >()
  readonly #closedOnce = new LRUCache<string, true>({ max: rememberedFiles })
  #work: Promise<void> = Promise.resolve()
  #waiting = 0
  #isStopped = false

  constructor(parts: WholeFilesParts) {
    this.#parts = parts
    this.#minBytes = parts.minBytes ?? 1 << 20
  }

  /** Where they lie. */
  get directory(): string {
    return this.#parts.shelf.directory
  }

  /** The file as it is now, if it is laid out; to be released. */
  open(inode: Inode): WholeFile | undefined {
    const key = this.#keyOf(inode)
    return key === undefined ? undefined : this.#parts.shelf.open(key)
  }

  /** A handle was closed. At the second one of a file it is laid out, behind the caller's back. */
  closed(inode: Inode): void {
    const key = this.#keyOf(inode)
    if (key === undefined || this.#parts.shelf.has(key)) return
    if (!this.#closedOnce.has(key)) this.#closedOnce.set(key, true)
    else if (this.#waiting < mostWaiting && this.#isCached(inode.extents!)) {
      const wanted = { key, extents: inode.extents!.snapshot(), length: inode.size }
      this.#waiting++
      this.#work = this.#work.then(() => this.#write(wanted))
    }
  }

  /** Resolves when what was begun is done. */
  async idle(): Promise<void> {
    await this.#work
  }

  /** Nothing is laid out or given any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#work
  }

  #keyOf({ extents, size }: Inode): string | undefined {
    if (this.#isStopped || size < this.#minBytes || extents === undefined) return undefined
    if (extents.count > mostExtents || extents.coveredBytes > this.#parts.shelf.largestBytes) return
    const known = this.#keys.get(extents)
    if (known?.size === size) return known.key
    const key = keyOf(extents, size)
    this.#keys.set(extents, { size, key })
    return key
  }

  #isCached(extents: ExtentMap): boolean {
    for (const { source } of extents.all()) {
      if (source.kind === 'piece' && !this.#parts.cache.has(source.piece)) return false
    }
    return true
  }

  async #write({ key, extents, length }: Wanted): Promise<void> {
    const { shelf, makeRoom, log } = this.#parts
    const size = { length, bytes: extents.coveredBytes }
    try {
      if (this.#isStopped) return
      const isThere = await shelf.write(key, size, makeRoom, (file) => this.#fill(file, extents))
      log.debug('a whole file was laid out', { isThere, bytes: size.bytes })
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      log.debug('a whole file could not be laid out', { code })
    } finally {
      this.#waiting--
    }
  }

  /** False where some of it is not in the cache any more. */
  async #fill(file: Descriptor, extents: ExtentMap): Promise<boolean> {
    for (const extent of extents.all()) {
      const bytes = this.#isStopped ? undefined : this.#bytesOf(extent)
      if (bytes?.length !== extent.end - extent.start) return false
      await writeAllLater(this.#parts.disk, file, bytes, extent.start)
    }
    return true
  }

  #bytesOf({ start, end, source }: Extent): Uint8Array | undefined {
    const length = end - start
    if (source.kind === 'slice') return undefined
    const all = source.kind === 'inline' ? source.bytes : this.#plain(source.piece)
    return all?.subarray(source.at, source.at + length)
  }

  /** Checked once more: from here on nobody does. */
  #plain(ref: PieceRef): Uint8Array | undefined {
    const { cache, codec } = this.#parts
    const stored = cache.stored(ref)
    if (!stored) return cache.plain(ref)
    return pieceHashOf(stored) === ref.hash ? codec.decode(ref, stored) : undefined
  }
}

/**
 * SHA-256 of what the bytes are made of. Undefined for a file with bytes that are in no blob yet, and for one with sealed pieces:
 * its plain bytes have no place on a disk.
 */
function keyOf(extents: ExtentMap, size: number): string | undefined {
  const hash = createHash('sha256').update(`${size}\n`)
  for (const { start, end, source } of extents.all()) {
    if (source.kind === 'slice') return undefined
    hash.update(`${source.kind} ${start} ${end} ${source.at} `)
    if (source.kind === 'inline') {
      const { bytes, at } = source
      hash.update(
        createHash('sha256')
          .update(bytes.subarray(at, at + end - start))
          .digest(),
      )
    } else {
      const { hash: name, length, compression, seal } = source.piece
      if (seal !== Seal.none) return undefined
      hash.update(`${name} ${length} ${compression}`)
    }
    hash.update('\n')
  }
  return hash.digest('base64url')
}
