import { pieceHashOf } from '../../terms/piece-hash.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import { ListingError, type FileSource, type ListedFile } from '../listing.ts'
import type { Damages } from '../damages.ts'
import { Quilt, type ReadParts } from '../quilt/quilt.ts'
import { parsePatchPlace } from '../quilt/quilt-format.ts'
import { BlobView } from '../view.ts'
import { DecodedView, Decoding, isDecodable, type PromisedSource } from './decoded-view.ts'
import { encodingOf, partOf, patchOf, type SiteResource } from './site-format.ts'

const emptyHash = pieceHashOf(new Uint8Array(0))

/** Finds where the bytes of a site's files are. */
export class SiteSources {
  readonly #parts: ReadParts
  readonly #asStored: boolean
  readonly #damages: Damages
  readonly #decoding: Decoding

  constructor(parts: ReadParts, asStored: boolean, damages: Damages) {
    this.#parts = parts
    this.#asStored = asStored
    this.#damages = damages
    this.#decoding = new Decoding((source) => damages.note(source))
  }

  /** What is read of a file. Throws FsError, ListingError. */
  async find(resource: SiteResource, file: ListedFile): Promise<FileSource> {
    const stored = await this.#stored(resource)
    if (stored.length === 0 && stored.hash !== emptyHash) {
      this.#damages.addFile(file)
      throw new ListingError('an empty file is not what its hash promises')
    }
    const encoding = encodingOf(resource)
    if (this.#asStored || encoding === undefined || !isDecodable(encoding)) return stored
    const { views, bytes } = this.#parts
    const view = views.add(new DecodedView(this.#decoding, stored, encoding))
    try {
      return { view, offset: 0, length: await bytes.size(view) }
    } catch (error) {
      if (this.#damages.has(stored)) this.#damages.addFile(file)
      throw error
    }
  }

  async #stored(resource: SiteResource): Promise<PromisedSource> {
    const { blob, hash, range } = resource
    const patch = patchOf(resource)
    const whole = patch === undefined ? await this.#blob(blob) : await this.#patch(blob, patch)
    const { offset, length } = partOf(range, whole.length)
    return { view: whole.view, offset: whole.offset + offset, length, hash }
  }

  async #blob(blob: BlobId): Promise<FileSource> {
    const { views, store, bytes } = this.#parts
    const view = views.add(new BlobView(store, blob))
    return { view, offset: 0, length: await bytes.size(view) }
  }

  async #patch(blob: BlobId, place: string): Promise<FileSource> {
    const quilt = await Quilt.open(this.#parts, blob)
    return quilt.source(parsePatchPlace(place))
  }
}
