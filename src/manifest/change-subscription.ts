import type { SuiGrpcClient } from '@mysten/sui/grpc'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { isDefinite } from '../store/chain/chain-error.ts'
import type { ObjectId } from '../terms/object-id.ts'

const againMs = 15_000

/** Hears from the full node that an object has changed, where the node offers that. */
export class ChangeSubscription {
  readonly #client: SuiGrpcClient
  readonly #id: ObjectId
  readonly #clock: Clock
  readonly #log: Log
  #listening = false
  #heard = false
  #wake: () => void = () => {}

  constructor(client: SuiGrpcClient, id: ObjectId, clock: Clock, log: Log) {
    this.#client = client
    this.#id = id
    this.#clock = clock
    this.#log = log
  }

  /** Whether changes are being told. */
  get listening(): boolean {
    return this.#listening
  }

  /** Listens until the signal aborts or the node turns out not to offer it. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#listen(signal)
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof Unfiltered || isDefinite(error)) {
          this.#log.debug('the full node tells of no changes', { reason: String(error) })
          return
        }
      } finally {
        this.#listening = false
      }
      await this.#clock.sleep(againMs, signal).catch(() => {})
    }
  }

  /** Resolves when a change was told, after the time given, or when the signal aborts. */
  async changed(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#heard && !signal.aborted) {
      const woken = new AbortController()
      this.#wake = () => woken.abort()
      await this.#clock.sleep(ms, AbortSignal.any([signal, woken.signal])).catch(() => {})
    }
    this.#heard = false
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const predicate = {
      oneofKind: 'affectedObject',
      affectedObject: { objectId: this.#id },
    } as const
    const filter = { terms: [{ literals: [{ negated: false, predicate }] }] }
    const controller = new AbortController()
    const abort = AbortSignal.any([signal, controller.signal])
    const request = { filter, readMask: { paths: ['digest'] } }
    const call = this.#client.subscriptionService.subscribeTransactions(request, { abort })
    call.status.catch(() => {})
    try {
      for await (const { transaction } of call.responses) {
        // A node that knows the filter begins with a bare progress mark; one that does not sends everything.
        if (!this.#listening && transaction) throw new Unfiltered()
        this.#listening = true
        if (transaction) this.#tell()
      }
    } finally {
      controller.abort()
    }
  }

  #tell(): void {
    this.#heard = true
    this.#wake()
  }
}

class Unfiltered extends Error {
  override readonly name = 'Unfiltered'

  constructor() {
    super('the full node does not filter')
  }
}
