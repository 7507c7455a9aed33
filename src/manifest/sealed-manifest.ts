import { PieceCodingError } from '../crypto/piece-codec.ts'
import { recordSealBytes, RecordSealer } from '../crypto/record-sealing.ts'
import type { TransactionPart } from '../store/blob-store.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { ManifestError } from './manifest.ts'
import type { Manifest, ManifestRoot, ManifestState, Moved, StoredSlots } from './manifest.ts'
import type { Rollback } from './sightings.ts'

/** The manifest of a sealed drive: whoever uses it sees plain records, and the chain sees sealed ones. */
export class SealedManifest implements Manifest {
  readonly recordOverhead = recordSealBytes
  readonly #manifest: Manifest
  readonly #sealer: RecordSealer

  /** `key`: of the drive's, the one for records. */
  constructor(manifest: Manifest, key: Uint8Array) {
    this.#manifest = manifest
    this.#sealer = new RecordSealer(key, manifest.drive)
  }

  get id(): ObjectId {
    return this.#manifest.id
  }

  get drive(): ObjectId {
    return this.#manifest.drive
  }

  get writer(): ObjectId | undefined {
    return this.#manifest.writer
  }

  get rollback(): Rollback | undefined {
    return this.#manifest.rollback
  }

  async load(signal: AbortSignal): Promise<ManifestState> {
    return this.opened(await this.#manifest.load(signal))
  }

  slots(signal: AbortSignal): Promise<StoredSlots | undefined> {
    return this.#manifest.slots(signal)
  }

  async *watch(
    signal: AbortSignal,
    trouble?: (error: Error | undefined) => void,
  ): AsyncGenerator<ManifestState, void, void> {
    for await (const state of this.#manifest.watch(signal, trouble)) yield this.opened(state)
  }

  commit(
    expected: bigint,
    root: ManifestRoot,
    parts: readonly TransactionPart[],
    signal: AbortSignal,
  ): Promise<Moved> {
    return this.#manifest.commit(expected, root, parts, signal)
  }

  async append(expected: bigint, record: Uint8Array, signal: AbortSignal): Promise<Moved> {
    return this.#manifest.append(expected, this.#sealer.seal(record, expected + 1n), signal)
  }

  renew(
    expected: bigint,
    endEpoch: number,
    parts: readonly TransactionPart[],
    signal: AbortSignal,
  ): Promise<Moved> {
    return this.#manifest.renew(expected, endEpoch, parts, signal)
  }

  unmoved(expected: bigint): TransactionPart {
    return this.#manifest.unmoved(expected)
  }

  lease(durationMs: number, signal: AbortSignal): Promise<number> {
    return this.#manifest.lease(durationMs, signal)
  }

  release(signal: AbortSignal): Promise<void> {
    return this.#manifest.release(signal)
  }

  async *past(signal: AbortSignal): AsyncGenerator<ManifestState, void, void> {
    for await (const state of this.#manifest.past(signal)) yield this.opened(state)
  }

  history(limit: number, signal: AbortSignal): ReturnType<Manifest['history']> {
    return this.#manifest.history(limit, signal)
  }

  /** A state with its records in plain bytes. Throws ManifestError `rejected` for one that does not open. */
  opened(state: ManifestState): ManifestState {
    const { rootSequence } = state
    try {
      const inline = state.inline.map((record, i) =>
        this.#sealer.open(record, rootSequence + BigInt(i) + 1n),
      )
      return { ...state, inline }
    } catch (cause) {
      if (!(cause instanceof PieceCodingError)) throw cause
      throw new ManifestError('rejected', `in the manifest, ${cause.message}`, { cause })
    }
  }
}
