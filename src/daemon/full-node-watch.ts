import type { Clock } from '../runtime/clock.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import type { Log } from '../runtime/log.ts'
import { isDefinite } from '../store/chain/chain-error.ts'
import { latestCheckpointMs } from '../store/chain/latest-checkpoint.ts'
import type { Connection } from './connection.ts'
import { FullNodeLag, lagText, type Lag } from './full-node-lag.ts'

/** How far the full node is, as of the last look. */
export interface FullNodeView {
  /** Age of its newest checkpoint by this machine's clock, ms; undefined where it does not tell. */
  readonly ageMs: number | undefined
  /** Undefined when it keeps up with the chain. */
  readonly lag: Lag | undefined
}

const everyMs = 20_000

/** Looks now and then whether the full node keeps up with the chain, until the drive closes. */
export async function watchFullNode(
  connection: Connection,
  lifecycle: Lifecycle,
  log: Log,
): Promise<FullNodeView> {
  return lifecycle.start('full node watch', async () => {
    const watch = new FullNodeWatch(connection, log.room('full node'))
    const ended = new AbortController()
    const running = watch.run(ended.signal)
    return [watch, async () => (ended.abort(new Error('the drive closes')), running)] as const
  })
}

class FullNodeWatch implements FullNodeView {
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #log: Log
  readonly #judge = new FullNodeLag()
  #isAlarmed = false

  constructor(connection: Connection, log: Log) {
    this.#connection = connection
    this.#clock = connection.pace.clock
    this.#log = log
  }

  get ageMs(): number | undefined {
    return this.#judge.ageMs
  }

  get lag(): Lag | undefined {
    return this.#judge.lag
  }

  /** Never rejects; ends early where the full node does not tell. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#connection.switch.whenOnline(signal).catch(() => {})
      try {
        signal.throwIfAborted()
        const latestMs = await latestCheckpointMs(this.#connection.account.client, signal)
        if (latestMs === undefined) return this.#log.debug('the full node does not tell its time')
        this.#judge.shown(latestMs, this.#clock.now())
        this.#tell()
      } catch (error) {
        if (signal.aborted) return
        this.#log.debug('the full node does not tell its time', { reason: String(error) })
        if (isDefinite(error)) return
      }
      await this.#clock.sleep(everyMs, signal).catch(() => {})
    }
  }

  /** Once when it falls behind, and once when it has caught up. */
  #tell(): void {
    const { lag } = this
    if (this.#isAlarmed === (lag !== undefined)) return
    this.#isAlarmed = lag !== undefined
    if (lag) this.#log.warn(lagText(lag, this.#connection.network.name))
    else this.#log.info('the full node keeps up with the chain again')
  }
}
