import type { BlobId } from '../../terms/blob-id.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import type { Registration } from '../chain-view.ts'
import { missingSlivers, notRegistered } from './api-error.ts'
import type { BlobWrites } from './blob-writes.ts'
import { dataReply, type NodeParts, type Reply } from './node-parts.ts'
import { confirmationMessage } from './signed-message.ts'

/** The signatures by which a node promises that it holds all its slivers of a blob. */
export class Confirmations {
  readonly #parts: NodeParts
  readonly #writes: BlobWrites

  constructor(parts: NodeParts, writes: BlobWrites) {
    this.#parts = parts
    this.#writes = writes
  }

  /** Signs once everything is durable. `objectId` is undefined for a permanent blob. */
  async confirm(blobId: BlobId, objectId: ObjectId | undefined, waitMs: number): Promise<Reply> {
    await this.#registered(blobId, waitMs)
    await this.#writes.flush(blobId)
    await this.#makeDurable(blobId)
    const registration = this.#parts.view.registration(blobId)
    if (!registration || !names(registration, objectId)) throw notRegistered()
    return this.pretend(blobId, objectId)
  }

  /** Signs, whatever there is. */
  pretend(blobId: BlobId, objectId: ObjectId | undefined): Reply {
    const message = confirmationMessage(this.#parts.view.epoch, blobId, objectId)
    return dataReply({
      signed: {
        serializedMessage: message.toString('base64'),
        signature: Buffer.from(this.#parts.key.sign(message)).toString('base64'),
      },
    })
  }

  async #makeDurable(blobId: BlobId): Promise<void> {
    const { files } = this.#parts
    const complete = await files.use(blobId, async (file) => {
      if (file.complete) await file.seal(() => files.syncNames())
      return file.complete
    })
    if (!complete) throw missingSlivers()
  }

  async #registered(blobId: BlobId, waitMs: number): Promise<void> {
    const { view, signal } = this.#parts
    if (view.registration(blobId)) return
    if (waitMs === 0) throw notRegistered()
    await new Promise<void>((resolve) => {
      const ends: (() => void)[] = []
      const done = () => {
        for (const end of ends.splice(0)) end()
        resolve()
      }
      ends.push(
        view.onEvent(
          (event) => event.type === 'BlobRegistered' && event.blobId === blobId && done(),
        ),
      )
      const timer = setTimeout(done, waitMs)
      ends.push(() => clearTimeout(timer))
      signal.addEventListener('abort', done, { once: true })
      ends.push(() => signal.removeEventListener('abort', done))
    })
    if (!view.registration(blobId)) throw notRegistered()
  }
}

/** A deletable blob must name a live object of its own. */
function names(registration: Registration, objectId: ObjectId | undefined): boolean {
  if (!objectId) return true
  return registration.objects.some((object) => object.deletable && object.objectId === objectId)
}
