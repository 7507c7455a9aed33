import { LRUCache } from 'lru-cache'
import type { CodeParameters } from '../redstuff/codec.ts'
import { codeParameters } from '../redstuff/parameters.ts'
import { SharedFlight } from '../store/shared-flight.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { ReadableStore, View } from './view.ts'

/** Columns in memory: several pieces may lie in one. */
const keptBytes = 32 << 20

/** Columns of blobs, the last ones kept, one request for each however many ask. */
export class Columns {
  readonly #store: ReadableStore
  readonly #flights = new SharedFlight<string, Uint8Array>()
  readonly #kept = new LRUCache<string, Uint8Array>({
    maxSize: keptBytes,
    sizeCalculation: ({ length }) => length + 1,
  })

  constructor(store: ReadableStore) {
    this.#store = store
  }

  async get(blob: BlobId, column: number, signal: AbortSignal): Promise<Uint8Array> {
    const key = `${blob}/${column}`
    const kept = this.#kept.get(key)
    if (kept) return kept
    const fetch = (flight: AbortSignal) => this.#store.column(blob, column, flight)
    const bytes = await this.#flights.run(key, fetch, signal)
    this.#kept.set(key, bytes)
    return bytes
  }

  async codeOf(blob: BlobId, signal: AbortSignal): Promise<CodeParameters> {
    const { shards } = await this.#store.limits(signal)
    return codeParameters(shards, await this.#store.size(blob, signal))
  }
}

/** A blob's bytes column after column, as a quilt's files lie in it. */
export class ColumnsView implements View {
  readonly name: string
  readonly #columns: Columns
  readonly #blob: BlobId

  constructor(columns: Columns, blob: BlobId) {
    this.name = `columns:${blob}`
    this.#columns = columns
    this.#blob = blob
  }

  async size(signal: AbortSignal): Promise<number> {
    const { secondarySymbols, secondarySliverBytes } = await this.#columns.codeOf(
      this.#blob,
      signal,
    )
    return secondarySymbols * secondarySliverBytes
  }

  async read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    const code = await this.#columns.codeOf(this.#blob, signal)
    const height = code.secondarySliverBytes
    const end = Math.min(offset + length, code.secondarySymbols * height)
    if (offset >= end) return new Uint8Array(0)
    const bytes = Buffer.allocUnsafeSlow(end - offset)
    const [first, last] = [Math.floor(offset / height), Math.floor((end - 1) / height)]
    const place = async (column: number): Promise<void> => {
      const data = await this.#columns.get(this.#blob, column, signal)
      const start = column * height
      const [from, to] = [Math.max(offset, start), Math.min(end, start + height)]
      bytes.set(data.subarray(from - start, to - start), from - offset)
    }
    await Promise.all(Array.from({ length: last - first + 1 }, (_, i) => place(first + i)))
    return bytes
  }
}
