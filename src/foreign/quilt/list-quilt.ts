import { hash } from 'node:crypto'
import type { BlobId } from '../../terms/blob-id.ts'
import type { Attribute, AttributeMaker } from '../attributes-of.ts'
import type { ListedFile, Listing } from '../listing.ts'
import { Quilt, type ReadParts } from './quilt.ts'
import { patchId, type QuiltPatch } from './quilt-format.ts'

/** The files of a quilt. Throws FsError, ListingError. */
export async function listQuilt(
  parts: ReadParts,
  blob: BlobId,
  attributes: AttributeMaker,
): Promise<Listing> {
  const quilt = await Quilt.open(parts, blob)
  const patches = await quilt.patches()
  const files = patches.map((patch): ListedFile => {
    const xattrs = attributes.make(attributesOf(blob, patch))
    const source = () => quilt.source(patch)
    return { path: patch.identifier, key: keyOf(patch), xattrs, source }
  })
  return { files, text: `quilt, ${files.length} files` }
}

function attributesOf(blob: BlobId, patch: QuiltPatch): Attribute[] {
  return [
    ['user.walrus.patch', patchId(blob, patch)],
    ['user.walrus.identifier', patch.identifier],
    ...patch.tags.map(([name, value]): Attribute => [`user.walrus.tag.${name}`, value]),
  ]
}

function keyOf(patch: QuiltPatch): string {
  return hash('sha256', JSON.stringify(patch), 'base64url')
}
