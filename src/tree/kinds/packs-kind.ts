import { blobIdFromBytes } from '../../terms/blob-id.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import { parseObjectId } from '../../terms/object-id.ts'
import { PageKind } from '../btree/node-page.ts'
import type { MapKind } from '../btree/map-kind.ts'
import { damaged } from '../format-error.ts'
import type { PackRow } from '../root-record.ts'

const idBytes = 32
const rowWeight = 48

/** The key of a pack: the 32 bytes of its blob id. */
export function packKey(blob: BlobId): string {
  return Buffer.from(blob, 'base64url').toString('latin1')
}

/**
 * The table of packs: blob ids to rows. A value is a byte that says whether the blob object is known, its 32 bytes where it
 * is, varints bytes, live bytes, end epoch.
 */
export const packsKind: MapKind<PackRow> = {
  code: PageKind.packs,
  what: 'the table of packs',
  checkKey: (key) => {
    if (key.length !== idBytes) throw damaged(`a blob id has ${key.length} bytes`)
  },
  weight: () => rowWeight,
  totals: (row) => ({ inodes: 0, bytes: row.liveBytes }),
  write: (out, _blobs, row) => {
    out.u8(row.objectId ? 1 : 0)
    if (row.objectId) out.bytes(Buffer.from(row.objectId.slice(2), 'hex'))
    out.varint(row.bytes)
    out.varint(row.liveBytes)
    out.varint(row.endEpoch)
  },
  read: (input, _page, key) => {
    const known = input.u8()
    if (known > 1) throw damaged('a row of packs has unknown flags')
    const objectId = known
      ? parseObjectId(Buffer.from(input.bytes(idBytes)).toString('hex'))
      : undefined
    const [bytes, liveBytes, endEpoch] = [input.varint(), input.varint(), input.varint()]
    return {
      blob: blobIdFromBytes(Buffer.from(key, 'latin1')),
      objectId,
      bytes,
      liveBytes,
      endEpoch,
    }
  },
  pieces: () => [],
  subtrees: () => [],
}
