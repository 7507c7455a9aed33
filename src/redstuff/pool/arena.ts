import type { ArenaState } from './protocol.ts'

const pageBytes = 65536
/** All that a 32-bit kernel can address. */
export const largestArena: number = 65535 * pageBytes

/** Memory that the main thread and all workers see, laid out anew for each job. */
export class Arena {
  readonly id: number
  readonly memory: WebAssembly.Memory = new WebAssembly.Memory({
    initial: 16,
    maximum: 65536,
    shared: true,
  })
  #bytes: Uint8Array
  #state: ArenaState = { shards: 0, epoch: 0, capacity: 0 }

  constructor(id: number) {
    this.id = id
    this.#bytes = new Uint8Array(this.memory.buffer)
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  get capacity(): number {
    return this.#bytes.length
  }

  get state(): ArenaState {
    return this.#state
  }

  /** Makes room for a job of so many shards. Throws a RangeError where there is not enough memory. */
  prepare(bytes: number, shards: number): void {
    const missing = Math.ceil((bytes - this.capacity) / pageBytes)
    if (missing > 0) {
      this.memory.grow(missing)
      this.#bytes = new Uint8Array(this.memory.buffer)
    }
    const { epoch, shards: before } = this.#state
    // For other shards everything lies elsewhere: what workers keep in the arena is overwritten.
    const next = shards === before ? epoch : epoch + 1
    this.#state = { shards, epoch: next, capacity: this.capacity }
  }

  /** The memory was given back: what was in it is gone. */
  forget(): void {
    this.#state = { ...this.#state, epoch: this.#state.epoch + 1 }
  }
}
