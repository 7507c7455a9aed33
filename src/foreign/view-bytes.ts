import type { Content } from '../content/content-api.ts'
import { pieceBytes } from '../tree/piece-ref.ts'
import { namedPiece, type Views } from './named-pieces.ts'
import { SizeView, type View } from './view.ts'

/** Reads views by way of the caches, for who finds out what there is. Throws FsError EIO, ETIMEDOUT. */
export class ViewBytes {
  readonly #content: Pick<Content, 'piece'>
  readonly #views: Views

  constructor(content: Pick<Content, 'piece'>, views: Views) {
    this.#content = content
    this.#views = views
  }

  async size(view: View): Promise<number> {
    const bytes = await this.#content.piece(namedPiece(this.#views.add(new SizeView(view)), 0, 8))
    return Number(Buffer.from(bytes).readBigUInt64LE())
  }

  /** The range has to be there. */
  async read(view: View, offset: number, length: number): Promise<Uint8Array> {
    const bytes = Buffer.alloc(length)
    for (let at = 0; at < length; at += pieceBytes) {
      const part = Math.min(pieceBytes, length - at)
      bytes.set(await this.#content.piece(namedPiece(view, offset + at, part)), at)
    }
    return bytes
  }

  /** The same out of the pieces that the view as a file has, of whose size it is said that it is that. */
  async readAligned(view: View, offset: number, length: number, size: number): Promise<Uint8Array> {
    const bytes = Buffer.alloc(length)
    for (let at = offset; at < offset + length;) {
      const start = at - (at % pieceBytes)
      const piece = namedPiece(view, start, Math.min(pieceBytes, size - start))
      const part = (await this.#content.piece(piece)).subarray(at - start, offset + length - start)
      if (part.length === 0) throw new RangeError('beyond the end of a view')
      bytes.set(part, at - offset)
      at += part.length
    }
    return bytes
  }
}
