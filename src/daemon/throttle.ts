import { FsError } from '../terms/errno.ts'

/** Lets writers wait while too much is only here; while nothing can be stored they are refused. */
export class Throttle {
  readonly #bytes: () => number
  readonly #limit: number
  readonly #isOffline: () => boolean
  #below: Promise<void> | undefined

  /** `bytes` says how much is only here now. */
  constructor(bytes: () => number, limit: number, isOffline: () => boolean) {
    this.#bytes = bytes
    this.#limit = limit
    this.#isOffline = isOffline
  }

  /** Nothing, or a promise for room, which rejects with FsError ENOSPC where none comes; asked before each write. */
  readonly wait = (): Promise<void> | undefined => {
    if (this.#bytes() < this.#limit) return undefined
    return (this.#below ??= this.#untilBelow())
  }

  async #untilBelow(): Promise<void> {
    try {
      while (this.#bytes() >= this.#limit) {
        if (this.#isOffline()) throw new FsError('ENOSPC', 'the dirty limit is reached, offline')
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    } finally {
      this.#below = undefined
    }
  }
}
