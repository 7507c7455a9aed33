import type { Axis, BlobMetadata, CodeParameters, EncodedSlivers } from '../codec.ts'
import { codeParameters, sliverBytes } from '../parameters.ts'
import { openSliverBcs } from '../sliver-bcs.ts'
import { sliverOfPair } from '../sliver-pair.ts'
import { readUpTo } from './spool.ts'
import type { StreamFiles } from './stream-job.ts'

/** Reads that are under way at the same time. */
const readsAtOnce = 16
/** Symbols of so many bytes are read into their column at once; of smaller ones, neighbouring columns are read together. */
const wideBytes = 16 << 10
/** Bytes of neighbouring columns that are read together. */
const groupBytes = 16 << 20

/** Columns side by side: `count` symbols of each row, row by row. */
interface ColumnGroup {
  readonly first: number
  readonly count: number
  readonly bytes: Uint8Array
}

/** Slivers of a large blob, read from the blob's own file and the spool; where that ends, rows are zero. */
export class SpooledSlivers implements EncodedSlivers {
  readonly metadata: BlobMetadata
  readonly #parameters: CodeParameters
  readonly #files: StreamFiles
  readonly #onRelease: () => void
  #released = false
  #read: { readonly first: number; readonly columns: Promise<ColumnGroup> } | undefined

  constructor(metadata: BlobMetadata, files: StreamFiles, onRelease: () => void) {
    this.metadata = metadata
    this.#parameters = codeParameters(metadata.shards, metadata.unencodedLength)
    this.#files = files
    this.#onRelease = onRelease
  }

  async sliverBcs(pair: number, axis: Axis, into?: Uint8Array): Promise<Uint8Array> {
    if (this.#released) throw new Error('the slivers have been released')
    const index = sliverOfPair(axis, pair, this.metadata.shards)
    const length = sliverBytes(this.#parameters, axis)
    const { bcs, data } = openSliverBcs(index, this.#parameters.symbolBytes, length, into)
    await (axis === 'primary' ? this.#readRow(index, data) : this.#readColumn(index, data))
    return bcs
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    this.#read = undefined
    this.#onRelease()
  }

  async #readRow(row: number, into: Uint8Array): Promise<void> {
    const { primarySymbols, secondarySymbols, shards, secondarySliverBytes } = this.#parameters
    if (row < primarySymbols) return this.#readBlob(row * into.length, into)
    const columns = (shards - secondarySymbols) * secondarySliverBytes
    await this.#readSpool(columns + (row - primarySymbols) * into.length, into)
  }

  async #readColumn(column: number, into: Uint8Array): Promise<void> {
    const { primarySymbols, secondarySymbols, symbolBytes } = this.#parameters
    if (column >= secondarySymbols) {
      return this.#readSpool((column - secondarySymbols) * into.length, into)
    }
    if (symbolBytes >= wideBytes) return this.#readSymbols(column, 1, into)
    const { first, count, bytes } = await this.#group(column)
    const from = (column - first) * symbolBytes
    for (let row = 0; row < primarySymbols; row++) {
      const at = row * count * symbolBytes + from
      into.set(bytes.subarray(at, at + symbolBytes), row * symbolBytes)
    }
  }

  /** The columns that are read together with this one: they are asked for one after the other. */
  #group(column: number): Promise<ColumnGroup> {
    const { secondarySymbols, secondarySliverBytes } = this.#parameters
    const together = Math.max(1, Math.min(16, Math.floor(groupBytes / secondarySliverBytes)))
    const first = column - (column % together)
    if (this.#read?.first !== first) {
      const count = Math.min(together, secondarySymbols - first)
      this.#read = { first, columns: this.#readGroup(first, count) }
    }
    return this.#read.columns
  }

  async #readGroup(first: number, count: number): Promise<ColumnGroup> {
    const { primarySymbols, symbolBytes } = this.#parameters
    const bytes = new Uint8Array(primarySymbols * count * symbolBytes)
    await this.#readSymbols(first, count, bytes)
    return { first, count, bytes }
  }

  /** `count` symbols of each row, row by row. */
  async #readSymbols(first: number, count: number, bytes: Uint8Array): Promise<void> {
    const { primarySymbols, primarySliverBytes, symbolBytes } = this.#parameters
    const width = count * symbolBytes
    const readRow = (row: number): Promise<void> => {
      const into = bytes.subarray(row * width, (row + 1) * width)
      return this.#readBlob(row * primarySliverBytes + first * symbolBytes, into)
    }
    for (let row = 0; row < primarySymbols; row += readsAtOnce) {
      const end = Math.min(row + readsAtOnce, primarySymbols)
      await Promise.all(Array.from({ length: end - row }, (_, k) => readRow(row + k)))
    }
  }

  /** Bytes of the spool; those past its end are zero. */
  async #readSpool(at: number, into: Uint8Array): Promise<void> {
    into.fill(0, await readUpTo(this.#files.spool, into, at))
  }

  /** Bytes of the blob; those past its end are zero. */
  async #readBlob(at: number, into: Uint8Array): Promise<void> {
    const wanted = Math.min(into.length, Math.max(0, this.metadata.unencodedLength - at))
    const { source, offset } = this.#files
    const read = await readUpTo(source, into.subarray(0, wanted), offset + at)
    if (read < wanted) throw new Error(`the file ends at ${offset + at + read} bytes`)
    into.fill(0, wanted)
  }
}
