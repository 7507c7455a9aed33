import type { BlobId } from '../../terms/blob-id.ts'
import { damaged, FormatError } from '../format-error.ts'
import { ByteReader } from '../format/byte-reader.ts'
import { ByteWriter } from '../format/byte-writer.ts'
import type { BlobReader, BlobWriter } from '../format/ref-format.ts'
import type { PackNaming } from '../node-source.ts'
import type { PieceRef } from '../piece-ref.ts'
import { treeFormat } from '../root-record.ts'

/** No stored node or root record is longer than this in plain bytes. */
export const maxNodeBytes = 512 * 1024

/** What a piece of metadata is: its second byte. Never used again for another. */
export const PageKind = { directory: 1, links: 2, packs: 3, extents: 4, root: 5, index: 6 } as const

/** A decoded page and the blobs that its references name by number, 0 being the pack that it lies in. */
export class NodePage implements BlobReader {
  readonly bytes: Buffer
  readonly allowsSlices = false
  /** Features of the format that it uses. */
  readonly features: number
  readonly #self: BlobId
  readonly #blobs: BlobId[] = []
  /** Where the body begins. */
  readonly #start: number

  /** Checks the head. Throws FormatError. */
  constructor(bytes: Uint8Array, self: BlobId, kind: number, knownFeatures = 0) {
    const input = new ByteReader(bytes)
    this.bytes = ownBytes(bytes)
    this.#self = self
    checkHead(input, kind)
    this.features = input.varint()
    if (this.features > knownFeatures) {
      throw new FormatError('feature', `a page has unknown features (${this.features})`)
    }
    const count = input.limited(input.remaining / 32, 'a count of blobs')
    for (let i = 0; i < count; i++) this.#blobs.push(input.digest() as BlobId)
    this.#start = input.position
  }

  body(): ByteReader {
    return new ByteReader(this.bytes, this.#start)
  }

  readBlob(input: ByteReader): BlobId {
    const number = input.varint()
    const blob = number === 0 ? this.#self : this.#blobs[number - 1]
    if (!blob) throw damaged(`a reference names blob ${number} of ${this.#blobs.length}`)
    return blob
  }
}

/** The bytes in a buffer of their own: one that holds more must not be kept alive for them. */
function ownBytes(bytes: Uint8Array): Buffer {
  if (bytes.length < bytes.buffer.byteLength) return Buffer.from(new Uint8Array(bytes).buffer)
  return Buffer.from(bytes.buffer)
}

function checkHead(input: ByteReader, kind: number): void {
  const version = input.u8()
  if (version !== treeFormat) {
    throw new FormatError(
      'version',
      `a page of format ${version}; this program knows ${treeFormat}`,
    )
  }
  const found = input.u8()
  if (found !== kind) throw damaged(`a page is of kind ${found}, not ${kind}`)
}

/** Numbers the blobs of a page in the order of their first mention. */
class BlobTable implements BlobWriter {
  readonly ids = new Map<BlobId, number>()
  readonly allowsSlices = false
  readonly #naming: PackNaming

  constructor(naming: PackNaming) {
    this.#naming = naming
  }

  writeBlob(out: ByteWriter, ref: PieceRef): void {
    const name = this.#naming(ref)
    if (name === 'self') return out.varint(0)
    const number = this.ids.get(name) ?? this.ids.size + 1
    this.ids.set(name, number)
    out.varint(number)
  }
}

/** The bytes of a page whose body `write` writes. */
export function encodePage(
  kind: number,
  naming: PackNaming,
  write: (body: ByteWriter, blobs: BlobWriter) => void,
  features = 0,
): Uint8Array {
  const table = new BlobTable(naming)
  const body = new ByteWriter()
  write(body, table)
  const page = new ByteWriter()
  page.u8(treeFormat)
  page.u8(kind)
  page.varint(features)
  page.varint(table.ids.size)
  for (const id of table.ids.keys()) page.digest(id)
  page.bytes(body.view())
  return page.taken()
}
