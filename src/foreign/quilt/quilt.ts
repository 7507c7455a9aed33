import { codeParameters } from '../../redstuff/parameters.ts'
import type { CodeParameters } from '../../redstuff/codec.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import { ColumnsView, type Columns } from '../columns-view.ts'
import { ListingError, type FileSource } from '../listing.ts'
import type { Views } from '../named-pieces.ts'
import type { ViewBytes } from '../view-bytes.ts'
import { BlobView, type ReadableStore, type View } from '../view.ts'
import {
  indexLength,
  indexPrefixBytes,
  parseIndex,
  patchContent,
  type PatchPlace,
  type QuiltPatch,
} from './quilt-format.ts'

/** What quilts and blobs are read by. */
export interface ReadParts {
  readonly store: ReadableStore
  readonly views: Views
  readonly columns: Columns
  readonly bytes: ViewBytes
  readonly shards: number
}

/** A blob that holds files, each in columns of its own. */
export class Quilt {
  readonly #parts: ReadParts
  readonly #rows: View
  readonly #columns: View
  readonly #code: CodeParameters

  private constructor(parts: ReadParts, blob: BlobId, code: CodeParameters) {
    this.#parts = parts
    this.#rows = parts.views.add(new BlobView(parts.store, blob))
    this.#columns = parts.views.add(new ColumnsView(parts.columns, blob))
    this.#code = code
  }

  /** Throws FsError, and ListingError where the blob's length is not that of a quilt. */
  static async open(parts: ReadParts, blob: BlobId): Promise<Quilt> {
    const bytes = await parts.bytes.size(parts.views.add(new BlobView(parts.store, blob)))
    const code = codeParameters(parts.shards, bytes)
    const { primarySymbols, primarySliverBytes } = code
    if (bytes !== primarySymbols * primarySliverBytes) {
      throw new ListingError('no quilt: a quilt fills its matrix')
    }
    return new Quilt(parts, blob, code)
  }

  /** All files in it. Throws FsError, ListingError. */
  async patches(): Promise<QuiltPatch[]> {
    const { secondarySymbols: columns, secondarySliverBytes: columnBytes } = this.#code
    const prefix = await this.#parts.bytes.read(this.#columns, 0, indexPrefixBytes)
    const length = indexLength(prefix, columnBytes)
    const index = await this.#parts.bytes.read(this.#columns, indexPrefixBytes, length)
    return parseIndex(index, { columns, columnBytes })
  }

  /** Where the bytes of a file are. Throws FsError, ListingError. */
  async source(place: PatchPlace): Promise<FileSource> {
    const { secondarySymbols, secondarySliverBytes: columnBytes } = this.#code
    if (place.end > secondarySymbols) throw new ListingError('the quilt has no such columns')
    const first = place.start * columnBytes
    const capacity = (place.end - place.start) * columnBytes
    const read = (offset: number, length: number) => this.#head(place.start, offset, length)
    const { offset, length } = await patchContent(capacity, read)
    return { view: this.#columns, offset: first + offset, length }
  }

  /**
   * First bytes of a patch out of the rows that they lie in: the first rows hold the beginnings of all patches, while each column
   * would be a request of its own.
   */
  async #head(column: number, offset: number, length: number): Promise<Uint8Array> {
    const { symbolBytes, primarySymbols, primarySliverBytes } = this.#code
    if (offset + length > primarySymbols * symbolBytes) {
      const start = column * primarySymbols * symbolBytes
      return this.#parts.bytes.read(this.#columns, start + offset, length)
    }
    const parts: Uint8Array[] = []
    for (let at = offset; at < offset + length;) {
      const [row, within] = [Math.floor(at / symbolBytes), at % symbolBytes]
      const part = Math.min(symbolBytes - within, offset + length - at)
      const place = row * primarySliverBytes + column * symbolBytes + within
      parts.push(await this.#parts.bytes.readAligned(this.#rows, place, part, this.#bytes))
      at += part
    }
    return Buffer.concat(parts)
  }

  get #bytes(): number {
    return this.#code.primarySymbols * this.#code.primarySliverBytes
  }
}
