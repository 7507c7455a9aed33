import type { Content } from '../../src/content/content-api.ts'
import { FsError } from '../../src/terms/errno.ts'
import type { Inode } from '../../src/tree/inode.ts'
import type { Slice } from '../../src/tree/slice.ts'

/** The bytes of files in memory: slices are never settled, and overwritten in place until they are shared. */
export class MemoryContent implements Content {
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

  read(
    inode: Inode,
    offset: number,
    into: Uint8Array,
    signal?: AbortSignal,
  ): number | Promise<Uint8Array> {
    if (this.network !== undefined) return this.#readLater(inode, offset, into.length, signal)
    return this.#fill(inode, offset, into)
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

  piece(): never {
    throw new Error('nothing is stored in pieces')
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
    const own = new Uint8Array(length)
    return own.subarray(0, this.#fill(inode, offset, own))
  }

  #fill(inode: Inode, offset: number, into: Uint8Array): number {
    const count = Math.max(0, Math.min(into.length, inode.size - offset))
    into.fill(0, 0, count)
    for (const { start, end, source } of inode.extents!.over(offset, offset + count)) {
      if (source.kind !== 'slice') throw new Error(`an extent of kind ${source.kind}`)
      const bytes = this.#slices.get(source.slice.id)!
      into.set(bytes.subarray(source.at, source.at + end - start), start - offset)
    }
    return count
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
