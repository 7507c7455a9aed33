import type { TransactionPart } from '../store/blob-store.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { ManifestError } from './manifest.ts'
import type { Manifest, ManifestState, Moved, StoredSlots } from './manifest.ts'

type Slots = Manifest['slots']

/** A state that never changes: a snapshot. */
export class FrozenManifest implements Manifest {
  readonly id: ObjectId
  readonly writer = undefined
  readonly drive: ObjectId
  readonly #state: ManifestState
  readonly #slots: Slots

  /** Key slots are those of the manifest that it was taken of, as they are now. */
  constructor(
    state: ManifestState,
    drive: ObjectId = state.id,
    slots: Slots = async () => undefined,
  ) {
    this.id = state.id
    this.drive = drive
    this.#state = state
    this.#slots = slots
  }

  async load(signal: AbortSignal): Promise<ManifestState> {
    signal.throwIfAborted()
    return this.#state
  }

  slots(signal: AbortSignal): Promise<StoredSlots | undefined> {
    return this.#slots(signal)
  }

  async *watch(signal: AbortSignal): AsyncGenerator<ManifestState, void, void> {
    if (signal.aborted) return
    yield this.#state
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true })
      if (signal.aborted) resolve(undefined)
    })
  }

  async commit(): Promise<Moved> {
    throw frozen()
  }

  async append(): Promise<Moved> {
    throw frozen()
  }

  async renew(): Promise<Moved> {
    throw frozen()
  }

  unmoved(): TransactionPart {
    return { addTo: () => {}, apply: () => {} }
  }

  async lease(): Promise<number> {
    throw frozen()
  }

  async release(): Promise<void> {}

  // oxlint-disable-next-line require-yield
  async *past(): AsyncGenerator<never, void, void> {}

  async history(): Promise<readonly []> {
    return []
  }
}

function frozen(): ManifestError {
  return new ManifestError('read-only', 'a snapshot never changes')
}
