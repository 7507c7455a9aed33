import type { Content } from '../../src/content/content-api.ts'
import { FsError } from '../../src/terms/errno.ts'
import type { Extent, ExtentSource } from '../../src/tree/extent-map.ts'
import type { Inode } from '../../src/tree/inode.ts'
import type { NodeSource } from '../../src/tree/node-source.ts'
import type { PieceRef } from '../../src/tree/piece-ref.ts'
import type { Slice } from '../../src/tree/slice.ts'

/** The bytes of files in memory: slices are never settled, and overwritten in place until they are shared. */
export class MemoryContent implements Content {
  readonly #pieces: NodeSource | undefined
  readonly #slices = new Map<number, Buffer>()
  readonly #shared = new Set<number>()
  #nextId = 1
  /** How often `sync` was called. */
  syncs = 0
  /** What `write` throws, when set. */
  full: FsError | undefined
  /** Reads become promises that this resolves, when set. */
  network: Promise<void> | undefined
  /** The handles that `forget` was called with. */
  readonly forgotten: object[] = []

  /** `pieces`: where committed bytes are. */
  constructor(pieces?: NodeSource) {
    this.#pieces = pieces
  }

  /** The bytes of a slice, for a commit. */
  bytesOf(slice: Slice): Buffer {
    return this.#slices.get(slice.id)!.subarray(0, slice.length)
  }

  /** Slices made so far change no more. */
  seal(): void {
    for (const id of this.#slices.keys()) this.#shared.add(id)
  }

  read(
    inode: Inode,
    offset: number,
    into: Uint8Array,
    signal?: AbortSignal,
  ): number | Promise<Uint8Array> {
    if (this.network !== undefined) return this.#readLater(inode, offset, into.length, signal)
    const count = Math.max(0, Math.min(into.length, inode.size - offset))
    into.fill(0, 0, count)
    for (const extent of inode.extents!.over(offset, offset + count)) {
      const bytes = this.#sourceBytes(extent.source)
      if (bytes instanceof Promise) return this.#readPieces(inode, offset, count)
      place(extent, bytes, into, offset)
    }
    return count
  }

  readAhead(): void {}

  forget(handle: object): void {
    this.forgotten.push(handle)
  }

  write(
    inode: Inode,
    offset: number,
    bytes: Uint8Array,
  ): readonly { readonly offset: number; readonly slice: Slice }[] {
    if (this.full !== undefined) throw this.full
    if (this.#overwrite(inode, offset, bytes)) return []
    const id = this.#nextId++
    this.#slices.set(id, Buffer.from(bytes))
    return [{ offset, slice: { id, segment: 0, position: 0, length: bytes.length } }]
  }

  share(inode: Inode, offset: number, length: number): void {
    for (const { source } of inode.extents!.over(offset, offset + length)) {
      if (source.kind === 'slice') this.#shared.add(source.slice.id)
    }
  }

  async sync(): Promise<void> {
    this.syncs++
    if (this.full !== undefined) throw this.full
  }

  piece(ref: PieceRef): Uint8Array | Promise<Uint8Array> {
    return this.#pieces!.piece(ref)
  }

  async #readLater(
    inode: Inode,
    offset: number,
    length: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    const aborted = new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new FsError('EINTR')))
    })
    await Promise.race([this.network, aborted])
    return this.#readPieces(inode, offset, Math.max(0, Math.min(length, inode.size - offset)))
  }

  async #readPieces(inode: Inode, offset: number, count: number): Promise<Uint8Array> {
    const own = new Uint8Array(count)
    for (const extent of inode.extents!.snapshot().over(offset, offset + count)) {
      place(extent, await this.#sourceBytes(extent.source), own, offset)
    }
    return own
  }

  #sourceBytes(source: ExtentSource): Uint8Array | Promise<Uint8Array> {
    switch (source.kind) {
      case 'slice':
        return this.#slices.get(source.slice.id)!
      case 'inline':
        return source.bytes
      case 'piece':
        return this.#pieces!.piece(source.piece)
    }
  }

  #overwrite(inode: Inode, offset: number, bytes: Uint8Array): boolean {
    const extents = [...inode.extents!.over(offset, offset + bytes.length)]
    const [only] = extents
    if (extents.length !== 1 || only?.source.kind !== 'slice') return false
    if (only.start !== offset || only.end !== offset + bytes.length) return false
    if (this.#shared.has(only.source.slice.id)) return false
    this.#slices.get(only.source.slice.id)!.set(bytes, only.source.at)
    return true
  }
}

function place(
  { start, end, source }: Extent,
  bytes: Uint8Array,
  into: Uint8Array,
  offset: number,
): void {
  into.set(bytes.subarray(source.at, source.at + end - start), start - offset)
}
