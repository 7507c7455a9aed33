import type { BlobId } from '../terms/blob-id.ts'
import type { AttributeMaker } from './attributes-of.ts'
import type { Listing } from './listing.ts'
import type { ReadParts } from './quilt/quilt.ts'
import { BlobView } from './view.ts'

/** A blob as one file that is called after it. Throws FsError. */
export async function listBlob(
  { bytes, views, store }: ReadParts,
  blob: BlobId,
  attributes: AttributeMaker,
): Promise<Listing> {
  const view = views.add(new BlobView(store, blob))
  const length = await bytes.size(view)
  const xattrs = attributes.make([['user.walrus.blob', blob]])
  const source = () => ({ view, offset: 0, length })
  return { files: [{ path: blob, key: blob, xattrs, source }], text: 'blob' }
}
