import { blobIdFromBytes, type BlobId } from '../../terms/blob-id.ts'
import { parseObjectId, type ObjectId } from '../../terms/object-id.ts'
import { pieceHashFromBytes, type PieceHash } from '../../terms/piece-hash.ts'
import { BcsReader } from '../bcs-reader.ts'
import { ListingError } from '../listing.ts'

const patchHeader = 'x-wal-quilt-patch-internal-id'
const encodingHeader = 'content-encoding'

/** Bytes of a blob or of a file in a quilt, as HTTP has it: both ends are in it, and without a start the last `end` bytes are meant. */
export interface ByteRange {
  readonly start: number | undefined
  readonly end: number | undefined
}

/** A file of a site. Texts have a byte for each character. */
export interface SiteResource {
  readonly path: string
  readonly headers: readonly (readonly [string, string])[]
  readonly blob: BlobId
  /** SHA-256 of the bytes as they are stored, of the range alone. */
  readonly hash: PieceHash
  readonly range: ByteRange | undefined
}

/** The name of a site object (`site::Site`). Throws ListingError. */
export function parseSite(contents: Uint8Array): { readonly id: ObjectId; readonly name: string } {
  const reader = new BcsReader(contents)
  const id = parseObjectId(Buffer.from(reader.u256()).toString('hex'))
  // What follows (links, a description) came with a later version of the package.
  return { id, name: reader.text() }
}

/** The value of a dynamic field of a site under a `ResourcePath`. Throws ListingError. */
export function parseResource(value: Uint8Array): SiteResource {
  const reader = new BcsReader(value)
  const [path, headers] = [reader.text(), reader.pairs()]
  const blob = blobIdFromBytes(reader.u256())
  const hash = pieceHashFromBytes(reader.u256())
  const range = reader.option(() => {
    const start = reader.option(() => wholeNumber(reader.u64()))
    const end = reader.option(() => wholeNumber(reader.u64()))
    if (start === undefined && end === undefined) throw new ListingError('a range without ends')
    return { start, end }
  })
  reader.end()
  return { path, headers, blob, hash, range }
}

/** The part of `length` bytes that a range means. Throws ListingError where they do not have it. */
export function partOf(
  range: ByteRange | undefined,
  length: number,
): { readonly offset: number; readonly length: number } {
  if (!range) return { offset: 0, length }
  const offset = range.start ?? length - (range.end ?? 0)
  const last = range.start === undefined ? length - 1 : (range.end ?? length - 1)
  if (offset < 0 || last >= length || offset > last) {
    throw new ListingError(`a range that ${length} bytes do not have`)
  }
  return { offset, length: last - offset + 1 }
}

/** Where in a quilt a file is, where it lies in one. */
export function patchOf(resource: SiteResource): string | undefined {
  return headerOf(resource, patchHeader)
}

/** How the stored bytes are compressed. */
export function encodingOf(resource: SiteResource): string | undefined {
  return headerOf(resource, encodingHeader)?.trim().toLowerCase()
}

function headerOf({ headers }: SiteResource, wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1]
}

function wholeNumber(value: bigint): number {
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value)
  throw new ListingError('a number that is too large')
}
