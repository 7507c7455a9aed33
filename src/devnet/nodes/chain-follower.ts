import type { BlobId } from '../../terms/blob-id.ts'
import type { WalrusEvent } from '../chain-view.ts'
import type { BlobWrites } from './blob-writes.ts'
import type { NodeParts } from './node-parts.ts'

/** Acts on the chain's events: stores what waited for a registration, removes what has been deleted or has expired. */
export class ChainFollower {
  readonly #parts: NodeParts
  readonly #writes: BlobWrites
  readonly #end: () => void
  #work: Promise<void> = Promise.resolve()
  /** Events seen since the start. */
  events = 0

  constructor(parts: NodeParts, writes: BlobWrites) {
    this.#parts = parts
    this.#writes = writes
    this.#end = parts.view.onEvent((event) => this.#follow(event))
  }

  /** Stops listening and waits for what it began. */
  async close(): Promise<void> {
    this.#end()
    await this.#work
  }

  #follow(event: WalrusEvent): void {
    this.events++
    switch (event.type) {
      case 'BlobRegistered':
        if (this.#parts.pending.get(event.blobId)) {
          this.#later('store what came early', () => this.#writes.flush(event.blobId))
        }
        break
      case 'BlobDeleted':
        this.#later('remove a deleted blob', () => this.#removeEnded([event.blobId]))
        break
      case 'EpochChanged':
        this.#later('remove expired blobs', () => this.#removeEnded(this.#parts.files.ids()))
        break
      case 'BlobCertified':
        break
    }
  }

  async #removeEnded(blobs: readonly BlobId[]): Promise<void> {
    const { files, view } = this.#parts
    for (const blobId of blobs) if (!view.registration(blobId)) await files.remove(blobId)
  }

  /** One after the other, so that a deletion cannot overtake a registration. */
  #later(what: string, work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.#parts.log.error(`could not ${what}`, { why: String(error) })
    })
  }
}
