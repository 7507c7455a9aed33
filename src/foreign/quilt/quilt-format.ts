import type { BlobId } from '../../terms/blob-id.ts'
import { blobIdBytes } from '../../terms/blob-id.ts'
import { BcsReader } from '../bcs-reader.ts'
import { ListingError } from '../listing.ts'

/** Version and length that a quilt begins with: u8, u32. */
export const indexPrefixBytes = 5
/** The index may take so many columns. */
const maxIndexColumns = 10
/** Version, length and mask that a patch begins with: u8, u32, u8. */
export const patchHeaderBytes = 6
const knownVersion = 1
const hasTags = 1

/** The columns [start, end) that a patch lies in. */
export interface PatchPlace {
  readonly start: number
  readonly end: number
}

/** A file in a quilt. Texts have a byte for each character. */
export interface QuiltPatch extends PatchPlace {
  readonly identifier: string
  readonly tags: readonly (readonly [string, string])[]
}

/** Where a patch's own bytes are among those of its columns. */
export interface PatchContent {
  readonly offset: number
  readonly length: number
}

/** Length of the index, by the first bytes of a blob's columns. Throws ListingError where they are not a quilt's. */
export function indexLength(prefix: Uint8Array, columnBytes: number): number {
  const reader = new BcsReader(prefix)
  const version = reader.u8()
  if (version !== knownVersion) throw new ListingError(`no quilt of version ${knownVersion}`)
  const length = reader.u32()
  if (indexPrefixBytes + length <= maxIndexColumns * columnBytes) return length
  throw new ListingError('no quilt: its index would be too long')
}

/** The patches of an index (QuiltIndexV1), in a blob of so many columns. Throws ListingError. */
export function parseIndex(
  bytes: Uint8Array,
  { columns, columnBytes }: { readonly columns: number; readonly columnBytes: number },
): QuiltPatch[] {
  const reader = new BcsReader(bytes)
  const count = reader.count(4)
  let start = Math.ceil((indexPrefixBytes + bytes.length) / columnBytes)
  const patches: QuiltPatch[] = []
  for (let i = 0; i < count; i++) {
    const end = reader.u16()
    const [identifier, tags] = [reader.text(), reader.pairs()]
    if (!(end > start && end <= columns)) {
      throw new ListingError(`patch ${i} of a quilt cannot end with column ${end}`)
    }
    patches.push({ start, end, identifier, tags })
    start = end
  }
  reader.end()
  return patches
}

/**
 * Where the content of a patch is, by as many of its first bytes as `read` gives: they are asked for piece by piece, since a name may be
 * long. `capacity`: bytes of its columns. Throws ListingError.
 */
export async function patchContent(
  capacity: number,
  read: (offset: number, length: number) => Promise<Uint8Array>,
): Promise<PatchContent> {
  const within = async (offset: number, length: number): Promise<BcsReader> => {
    if (offset + length > capacity) throw new ListingError('a patch is longer than its columns')
    return new BcsReader(await read(offset, length))
  }
  const header = await within(0, patchHeaderBytes + 2)
  const version = header.u8()
  if (version !== knownVersion) throw new ListingError(`a patch of version ${version}`)
  const end = patchHeaderBytes + header.u32()
  const mask = header.u8()
  let offset = patchHeaderBytes + 2 + header.u16()
  if ((mask & hasTags) !== 0) offset += 2 + (await within(offset, 2)).u16()
  if (offset > end || end > capacity) throw new ListingError('a patch is longer than its columns')
  return { offset, length: end - offset }
}

/** The id that aggregators serve a patch under. */
export function patchId(quilt: BlobId, { start, end }: PatchPlace): string {
  const place = Buffer.alloc(5)
  place.writeUInt8(knownVersion)
  place.writeUInt16LE(start, 1)
  place.writeUInt16LE(end, 3)
  return Buffer.concat([blobIdBytes(quilt), place]).toString('base64url')
}

/** The columns that a Walrus Site names by `x-wal-quilt-patch-internal-id` (`0x` and five bytes). Throws ListingError. */
export function parsePatchPlace(text: string): PatchPlace {
  const match = /^0x([0-9a-f]{10})$/i.exec(text)
  if (!match) throw new ListingError(`no place in a quilt: ${JSON.stringify(text.slice(0, 40))}`)
  const reader = new BcsReader(Buffer.from(match[1]!, 'hex'))
  const version = reader.u8()
  const [start, end] = [reader.u16(), reader.u16()]
  if (version !== knownVersion || start >= end) throw new ListingError('no place in a quilt')
  return { start, end }
}
