import type { BlobMetadata } from '../../redstuff/codec.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import { StoreError, type RowCounts } from '../blob-store.ts'
import type { WalrusChain, WalrusState } from '../chain/walrus-chain.ts'
import { checkRange } from '../range.ts'
import type { ColumnReader } from './column-reader.ts'
import type { MetadataReader } from './metadata-reader.ts'
import { rowBytesOf } from './row-reader.ts'
import type { RowReader } from './row-reader.ts'

/** Ranges of blobs, from verified rows: only the rows that hold them are fetched. */
export class BlobReader {
  readonly #chain: WalrusChain
  readonly #metadata: MetadataReader
  readonly #rows: RowReader
  readonly #columns: ColumnReader

  constructor(
    chain: WalrusChain,
    metadata: MetadataReader,
    rows: RowReader,
    columns: ColumnReader,
  ) {
    this.#chain = chain
    this.#metadata = metadata
    this.#rows = rows
    this.#columns = columns
  }

  get rows(): RowCounts {
    return this.#rows.counts
  }

  async size(blob: BlobId, signal: AbortSignal): Promise<number> {
    const read = async () => (await this.#metadata.get(blob, signal)).unencodedLength
    return this.#again(read, blob, signal)
  }

  async read(
    blob: BlobId,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    checkRange(offset, length)
    const read = async () => {
      const metadata = await this.#metadata.get(blob, signal)
      const end = Math.min(offset + length, metadata.unencodedLength)
      if (offset >= end) return new Uint8Array(0)
      return this.#range(metadata, offset, end, signal)
    }
    return this.#again(read, blob, signal)
  }

  async column(blob: BlobId, column: number, signal: AbortSignal): Promise<Uint8Array> {
    const read = async () => {
      const metadata = await this.#metadata.get(blob, signal)
      return this.#columns.column(await this.#chain.state(signal), metadata, column, signal)
    }
    return this.#again(read, blob, signal)
  }

  /** By their metadata, which are asked for anew. */
  async isStored(blob: BlobId, signal: AbortSignal): Promise<boolean> {
    this.#metadata.forget(blob)
    try {
      await this.#again(() => this.#metadata.get(blob, signal), blob, signal)
      return true
    } catch (error) {
      if (error instanceof StoreError && error.code === 'not-found') return false
      throw error
    }
  }

  async #range(
    metadata: BlobMetadata,
    offset: number,
    end: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const state = await this.#chain.state(signal)
    const rowBytes = rowBytesOf(metadata)
    const first = Math.floor(offset / rowBytes)
    const last = Math.floor((end - 1) / rowBytes)
    const range = Buffer.allocUnsafeSlow(end - offset)
    const place = (row: Uint8Array, index: number): void => {
      const start = index * rowBytes
      const from = Math.max(offset, start)
      const to = Math.min(end, start + rowBytes)
      range.set(row.subarray(from - start, to - start), from - offset)
    }
    if (first === last) {
      place(await this.#rows.row(state, metadata, first, signal), first)
      return range
    }
    await this.#many(state, metadata, first, last, place, signal)
    return range
  }

  async #many(
    state: WalrusState,
    metadata: BlobMetadata,
    first: number,
    last: number,
    place: (row: Uint8Array, index: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const controller = new AbortController()
    const own = AbortSignal.any([signal, controller.signal])
    const fetch = async (index: number): Promise<void> =>
      place(await this.#rows.row(state, metadata, index, own), index)
    const indices = Array.from({ length: last - first + 1 }, (_, i) => first + i)
    try {
      await Promise.all(indices.map(fetch))
    } catch (error) {
      controller.abort(error)
      throw error
    }
  }

  /** Once more when the committee has changed since it was read: the shards may have moved. */
  async #again<T>(read: () => Promise<T>, blob: BlobId, signal: AbortSignal): Promise<T> {
    const before = this.#chain.known?.epoch
    try {
      return await read()
    } catch (error) {
      signal.throwIfAborted()
      const moved = error instanceof StoreError && ['unreachable', 'not-found'].includes(error.code)
      if (!moved || !(await this.#epochIsNew(before, signal))) throw error
      this.#metadata.forget(blob)
    }
    return read()
  }

  async #epochIsNew(before: number | undefined, signal: AbortSignal): Promise<boolean> {
    if (before === undefined) return false
    try {
      return (await this.#chain.refresh(signal)).epoch !== before
    } catch {
      signal.throwIfAborted()
      return false
    }
  }
}
