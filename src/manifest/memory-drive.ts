import { EventEmitter } from 'node:events'
import type { MemoryNetwork } from '../store/memory-network.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { manifestSchema, maxNameBytes, maxWriters } from './limits.ts'
import { ManifestError } from './manifest.ts'
import type { ManifestRoot, ManifestState, StoredSlots } from './manifest.ts'

/** A root that the drive had. */
export interface PastRoot {
  readonly sequence: bigint
  readonly root: ManifestRoot
  readonly timeMs: number
  readonly digest: string
}

/** The manifest object that several `MemoryManifest`s change, and what only its admin may do. */
export class MemoryDrive {
  readonly network: MemoryNetwork
  readonly id: ObjectId
  readonly past: PastRoot[] = []
  /** Oldest first, without the present one. */
  readonly states: ManifestState[] = []
  readonly #moved = new EventEmitter().setMaxListeners(0)
  #state: ManifestState
  #slots: StoredSlots | undefined

  constructor(network: MemoryNetwork, name = 'drive') {
    if (Buffer.byteLength(name) > maxNameBytes) {
      throw new ManifestError('rejected', `the name is longer than ${maxNameBytes} bytes`)
    }
    this.network = network
    this.id = network.newObjectId('manifest')
    const writer = network.newObjectId('writer')
    this.#state = {
      id: this.id,
      schema: manifestSchema,
      sequence: 0n,
      rootSequence: 0n,
      sealed: false,
      root: undefined,
      inline: [],
      lastWriter: writer,
      writers: [writer],
      lease: undefined,
      name,
      previousTransaction: 'memory-0',
    }
  }

  get state(): ManifestState {
    return this.#state
  }

  /** The capability that was made with the drive. */
  get firstWriter(): ObjectId {
    return this.#state.writers[0]!
  }

  get slots(): StoredSlots | undefined {
    return this.#slots
  }

  /** What only the admin does: compare-and-swap on the revision, 0 where there are none. */
  setSlots(expected: bigint, bytes: Uint8Array): void {
    const revision = this.#slots?.revision ?? 0n
    if (revision !== expected) {
      throw new ManifestError('conflict', `the key slots have revision ${revision}`)
    }
    if (revision === 0n && this.#state.sequence > 0n) {
      throw new ManifestError('rejected', 'the drive was written to without key slots')
    }
    this.#slots = { revision: revision + 1n, bytes: bytes.slice() }
  }

  /** Puts another state in place and wakes those who watch. */
  change(change: Partial<ManifestState>): void {
    this.states.push(this.#state)
    this.#state = { ...this.#state, ...change }
    this.#moved.emit('moved')
  }

  /** Resolves when the state has changed or the signal aborts. */
  async moved(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#moved.off('moved', done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#moved.on('moved', done)
      signal.addEventListener('abort', done)
    })
  }

  grant(): ObjectId {
    if (this.#state.writers.length >= maxWriters) {
      throw new ManifestError('rejected', `there are ${maxWriters} writers`)
    }
    const writer = this.network.newObjectId('writer')
    this.change({ writers: [...this.#state.writers, writer] })
    return writer
  }

  revoke(writer: ObjectId): void {
    const { writers, lease } = this.#state
    this.change({
      writers: writers.filter((one) => one !== writer),
      lease: lease?.writer === writer ? undefined : lease,
    })
  }

  seal(): void {
    this.change({ sealed: true })
  }
}
