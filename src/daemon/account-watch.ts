import type { ExpiryStatus } from '../control/status.ts'
import type { Log } from '../runtime/log.ts'
import type { Clock } from '../runtime/clock.ts'
import { estimateMarket, type EstimateMarket } from './commit-estimate.ts'
import type { Drive } from './open-drive.ts'

/** What `status` shows and that has to be asked for: looked up now and then, never while somebody waits. */
export interface AccountView {
  readonly balances: { readonly sui: bigint; readonly wal: bigint } | undefined
  readonly expiry: ExpiryStatus | undefined
  /** Of a mount that may change something. */
  readonly market?: EstimateMarket | undefined
}

const everyMs = 60_000

/** Keeps balances and expiry of a drive at hand. */
export class AccountWatch {
  readonly #drive: Drive
  readonly #clock: Clock
  readonly #log: Log
  readonly #ended = new AbortController()
  #view: AccountView = { balances: undefined, expiry: undefined }
  readonly #endEpoch: (signal: AbortSignal) => Promise<number | undefined>
  #running: Promise<void> | undefined

  /** `endEpoch`: first epoch in which some blob of the drive is no longer stored, as far as is known. */
  constructor(
    drive: Drive,
    endEpoch: (signal: AbortSignal) => Promise<number | undefined>,
    clock: Clock,
  ) {
    this.#drive = drive
    this.#clock = clock
    this.#log = drive.request.log.room('account')
    this.#endEpoch = endEpoch
  }

  get view(): AccountView {
    return this.#view
  }

  start(): void {
    this.#running ??= this.#run(this.#ended.signal)
  }

  async stop(): Promise<void> {
    this.#ended.abort(new Error('the drive closes'))
    await this.#running
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look(signal).catch((error: unknown) => {
        if (!signal.aborted)
          this.#log.debug('the account could not be looked up', { why: String(error) })
      })
      await this.#clock.sleep(everyMs, signal).catch(() => {})
    }
  }

  /** Looks now. Throws StoreError. */
  async look(signal: AbortSignal): Promise<void> {
    const { store } = this.#drive.connection
    const prices = await store.prices(signal)
    const { epoch, epochDurationMs } = prices
    const endEpoch = await this.#endEpoch(signal)
    const left = (endEpoch ?? 0) - epoch
    const expiry = endEpoch && {
      epoch,
      endEpoch,
      endMs: this.#clock.now() + left * epochDurationMs,
    }
    const balances = this.#drive.writable && (await store.balances(signal))
    const market = balances && (await estimateMarket(store, prices, balances, signal))
    this.#view = { balances, expiry: expiry || undefined, market }
  }
}
