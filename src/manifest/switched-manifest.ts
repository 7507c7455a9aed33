import type { Log } from '../runtime/log.ts'
import type { NetworkSwitch } from '../runtime/network-switch.ts'
import type { TransactionPart } from '../store/blob-store.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { ManifestError } from './manifest.ts'
import type { Manifest, ManifestRoot, ManifestState, Moved, StoredSlots } from './manifest.ts'
import { checkRemembered, type Memory, type Remembered } from './remembered.ts'
import type { Rollback } from './sightings.ts'

export interface SwitchedParts {
  readonly network: NetworkSwitch
  readonly memory: Memory
  /** Opens the real one; asked again until it could be. */
  readonly open: (signal: AbortSignal) => Promise<Manifest>
  readonly log: Log
}

/**
 * A manifest that shows what was remembered of it while the network may not be used, and then refuses every change at once. What was
 * begun with is compared with the chain before anything else of it is believed or sent.
 */
export class SwitchedManifest implements Manifest {
  readonly id: ObjectId
  readonly drive: ObjectId
  readonly writer: ObjectId | undefined
  readonly #parts: SwitchedParts
  #inner: Manifest | undefined
  #opening: Promise<Manifest> | undefined
  #state: ManifestState | undefined
  #slots: StoredSlots | undefined

  /** Over one that is open already, and is remembered from now on. */
  constructor(parts: SwitchedParts, known: Manifest | Remembered) {
    this.#parts = parts
    this.drive = known.drive
    this.writer = known.writer
    if ('state' in known) {
      this.id = known.state.id
      this.#state = known.state
      this.#slots = known.slots
    } else {
      this.id = known.id
      this.#inner = known
    }
  }

  get rollback(): Rollback | undefined {
    return this.#inner?.rollback
  }

  async load(signal: AbortSignal): Promise<ManifestState> {
    if (this.#parts.network.isOffline) return this.#known()
    return this.#saw(await (await this.#open(signal)).load(signal))
  }

  async slots(signal: AbortSignal): Promise<StoredSlots | undefined> {
    if (this.#parts.network.isOffline) return this.#slots
    this.#slots = await (await this.#open(signal)).slots(signal)
    this.#keep()
    return this.#slots
  }

  async *watch(
    signal: AbortSignal,
    trouble?: (error: Error | undefined) => void,
  ): AsyncGenerator<ManifestState, void, void> {
    const { network } = this.#parts
    while (!signal.aborted) {
      await network.whenOnline(signal).catch(() => {})
      if (signal.aborted) return
      const either = AbortSignal.any([signal, network.ends])
      try {
        const inner = await this.#open(either)
        for await (const state of inner.watch(either, trouble)) yield this.#saw(state)
      } catch (error) {
        if (!either.aborted) throw error
      }
      trouble?.(undefined)
    }
  }

  async commit(
    expected: bigint,
    root: ManifestRoot,
    parts: readonly TransactionPart[],
    signal: AbortSignal,
  ): Promise<Moved> {
    return (await this.#open(signal)).commit(expected, root, parts, signal)
  }

  async append(expected: bigint, record: Uint8Array, signal: AbortSignal): Promise<Moved> {
    return (await this.#open(signal)).append(expected, record, signal)
  }

  async renew(
    expected: bigint,
    endEpoch: number,
    parts: readonly TransactionPart[],
    signal: AbortSignal,
  ): Promise<Moved> {
    return (await this.#open(signal)).renew(expected, endEpoch, parts, signal)
  }

  unmoved(expected: bigint): TransactionPart {
    if (!this.#inner) throw isOffline()
    return this.#inner.unmoved(expected)
  }

  async lease(durationMs: number, signal: AbortSignal): Promise<number> {
    return (await this.#open(signal)).lease(durationMs, signal)
  }

  async release(signal: AbortSignal): Promise<void> {
    return (await this.#open(signal)).release(signal)
  }

  async *past(signal: AbortSignal): AsyncGenerator<ManifestState, void, void> {
    yield* (await this.#open(signal)).past(signal)
  }

  async history(limit: number, signal: AbortSignal): ReturnType<Manifest['history']> {
    return (await this.#open(signal)).history(limit, signal)
  }

  #known(): ManifestState {
    if (this.#state) return this.#state
    throw isOffline()
  }

  #saw(state: ManifestState): ManifestState {
    const last = this.#state
    const isNews =
      last === undefined ||
      state.sequence > last.sequence ||
      (state.sequence === last.sequence && state.root?.endEpoch !== last.root?.endEpoch)
    if (isNews) {
      this.#state = state
      this.#keep()
    }
    return state
  }

  #keep(): void {
    const state = this.#state
    if (!state) return
    const { drive, writer } = this
    this.#parts.memory.keep({ state, drive, writer, slots: this.#slots })
  }

  /** Throws ManifestError: `unreachable` at once while offline, and what opening it or comparing it throws. */
  async #open(signal: AbortSignal): Promise<Manifest> {
    if (this.#parts.network.isOffline) throw isOffline()
    if (this.#inner) return this.#inner
    this.#opening ??= this.#openChecked(signal).finally(() => (this.#opening = undefined))
    return this.#opening
  }

  async #openChecked(signal: AbortSignal): Promise<Manifest> {
    const { open, log } = this.#parts
    const inner = await open(signal)
    const state = await inner.load(signal)
    const then = this.#known()
    if (!(await checkRemembered(then, state, inner, signal))) {
      log.warn('the full node no longer tells what the drive was when this mount began', {
        sequence: String(then.sequence),
      })
    }
    this.#inner = inner
    return inner
  }
}

function isOffline(): ManifestError {
  return new ManifestError('unreachable', 'the drive is offline')
}
