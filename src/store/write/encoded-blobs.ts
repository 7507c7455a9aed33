import { CodecError, CodecPriority } from '../../redstuff/codec.ts'
import type { BlobMetadata, Codec, EncodedSlivers, EncodeSource } from '../../redstuff/codec.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import { StoreError } from '../blob-store.ts'
import type { PackFile } from '../blob-store.ts'
import { ByteBudget } from '../byte-budget.ts'
import { encodedBytes } from '../encoded-size.ts'

/** Slivers of one blob while somebody sends them. */
export interface HeldSlivers {
  readonly slivers: EncodedSlivers
  /** From now on they are only sent to latecomers: `hurry` is called when the memory is wanted. */
  linger(hurry: () => void): void
  /** `again`: an upload that failed will be tried again, so they stay for a while if there is room. */
  release(again: boolean): void
}

interface Idle {
  readonly slivers: EncodedSlivers
  readonly bytes: number
  /** Drops them when nobody comes. */
  readonly timer: NodeJS.Timeout
}

/** How long slivers wait for their upload. */
const idleMs = 120_000

const options = { priority: CodecPriority.write }

/**
 * Encoded blobs in memory, bounded. What `encode` made is kept for the upload that follows if there is room, else it is
 * made again then.
 */
export class EncodedBlobs {
  readonly #codec: Codec
  readonly #budget: ByteBudget
  readonly #idle = new Map<BlobId, Idle>()
  readonly #lingering = new Set<() => void>()
  #closed = false

  constructor(codec: Codec, maxBytes: number) {
    this.#codec = codec
    this.#budget = new ByteBudget(maxBytes)
  }

  /** The blob's metadata; its slivers stay if they fit. */
  async encode(shards: number, pack: PackFile, signal: AbortSignal): Promise<BlobMetadata> {
    const bytes = encodedBytesOf(shards, pack)
    if (!this.#budget.tryTake(bytes)) {
      return failing(() => this.#codec.metadata(shards, sourceOf(pack), signal, options))
    }
    try {
      const slivers = await failing(() =>
        this.#codec.encode(shards, sourceOf(pack), signal, options),
      )
      this.#keep(slivers, bytes)
      return slivers.metadata
    } catch (error) {
      this.#budget.give(bytes)
      throw error
    }
  }

  /** The blob's slivers, kept or made. Waits for room. Throws `corrupt` when the pack holds other bytes. */
  async open(
    shards: number,
    blobId: BlobId,
    pack: PackFile,
    signal: AbortSignal,
  ): Promise<HeldSlivers> {
    const kept = this.#idle.get(blobId)
    if (kept) {
      this.#idle.delete(blobId)
      clearTimeout(kept.timer)
      return this.#held(kept.slivers, kept.bytes)
    }
    const bytes = encodedBytesOf(shards, pack)
    await this.#makeRoom(bytes, signal)
    try {
      const slivers = await failing(() =>
        this.#codec.encode(shards, sourceOf(pack), signal, options),
      )
      if (slivers.metadata.blobId === blobId) return this.#held(slivers, bytes)
      slivers.release()
      throw new StoreError('corrupt', `${pack.path} no longer holds blob ${blobId}`)
    } catch (error) {
      this.#budget.give(bytes)
      throw error
    }
  }

  /** Gives back what nobody has come for. */
  close(): void {
    this.#closed = true
    for (const blobId of this.#idle.keys()) this.#drop(blobId)
  }

  async #makeRoom(bytes: number, signal: AbortSignal): Promise<void> {
    for (const blobId of this.#idle.keys()) {
      if (this.#budget.tryTake(bytes)) return
      this.#drop(blobId)
    }
    if (this.#budget.tryTake(bytes)) return
    for (const hurry of this.#lingering) hurry()
    await this.#budget.take(bytes, signal)
  }

  #keep(slivers: EncodedSlivers, bytes: number): void {
    const { blobId } = slivers.metadata
    this.#drop(blobId)
    const timer = setTimeout(() => this.#drop(blobId), idleMs)
    timer.unref()
    this.#idle.set(blobId, { slivers, bytes, timer })
  }

  #held(slivers: EncodedSlivers, bytes: number): HeldSlivers {
    let hurryUp: (() => void) | undefined
    return {
      slivers,
      linger: (hurry) => {
        hurryUp = hurry
        this.#lingering.add(hurry)
        if (this.#budget.wanted) hurry()
      },
      release: (again) => {
        if (hurryUp) this.#lingering.delete(hurryUp)
        if (again && !this.#budget.wanted && !this.#closed) return this.#keep(slivers, bytes)
        slivers.release()
        this.#budget.give(bytes)
      },
    }
  }

  #drop(blobId: BlobId): void {
    const idle = this.#idle.get(blobId)
    if (!idle) return
    this.#idle.delete(blobId)
    clearTimeout(idle.timer)
    idle.slivers.release()
    this.#budget.give(idle.bytes)
  }
}

function sourceOf({ path, bytes }: PackFile): EncodeSource {
  return { kind: 'file', path, offset: 0, length: bytes }
}

function encodedBytesOf(shards: number, pack: PackFile): number {
  return tooLarge(() => encodedBytes(shards, pack.bytes))
}

async function failing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw codecFailure(error)
  }
}

function tooLarge<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw codecFailure(error)
  }
}

function codecFailure(error: unknown): unknown {
  if (!(error instanceof CodecError)) return error
  const code = error.code === 'too-large' ? 'too-large' : 'rejected'
  const retryable = error.code === 'worker-lost'
  return new StoreError(code, error.message, { cause: error, retryable })
}
