import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { maxLeaseMs } from './limits.ts'
import { ManifestError, type Manifest, type ManifestState } from './manifest.ts'

export type Lease = NonNullable<ManifestState['lease']>

/** What outlives the process: who died with the lease has it still. */
export interface KeptLease {
  /** No lease that this machine has asked for ends later: milliseconds since 1970; undefined: it has asked for none. */
  readonly atMostMs: number | undefined
  keep(atMostMs: number | undefined): void
}

export interface LeaseKeeperOptions {
  readonly manifest: Pick<Manifest, 'writer' | 'load' | 'lease' | 'release'>
  readonly kept: KeptLease
  /** The drive is wanted alone, for so long from each prolongation, milliseconds; undefined: it is not. */
  readonly durationMs: number | undefined
  readonly clock: Clock
  readonly log: Log
  /** Another's lease has ended: what waited for that may go on. */
  readonly onFree: () => void
}

/** For `status`. */
export interface LeaseView {
  /** Ours, and it has not run out. */
  readonly untilMs: number | undefined
  /** Somebody else has the drive alone. */
  readonly other: Lease | undefined
  /** Why the drive is not ours although it is wanted alone. */
  readonly why: string | undefined
}

const retryMs = 5_000
/** By how much the chain's clock may be ahead of ours. */
const skewMs = 60_000

/**
 * The lease of a drive, as a mount sees it: takes and prolongs it where the drive is wanted alone, and says where another
 * has it. The chain knows writers by their capability; two machines may share one, so a lease is ours only if this machine
 * made it.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions
  readonly #stopping = new AbortController()
  #lease: Lease | undefined
  /** Of the lease that we have; by the chain's clock. */
  #untilMs: number | undefined
  #why: string | undefined
  #news = new AbortController()
  #running: Promise<void> | undefined

  constructor(options: LeaseKeeperOptions) {
    this.#options = options
  }

  get view(): LeaseView {
    const { durationMs, clock } = this.#options
    const isOurs = this.#untilMs !== undefined && this.#untilMs > clock.now()
    const why = durationMs === undefined || isOurs ? undefined : this.#why
    return { untilMs: isOurs ? this.#untilMs : undefined, other: this.other, why }
  }

  /** Who else has the drive alone now. */
  get other(): Lease | undefined {
    const lease = this.#lease
    if (!lease || lease.untilMs <= this.#options.clock.now()) return undefined
    return this.#isOurs(lease) ? undefined : lease
  }

  /**
   * Begins with what an earlier run left: the lease is taken where it is wanted, else given back. Throws ManifestError
   * `leased` when somebody else has it.
   */
  async open(signal: AbortSignal): Promise<void> {
    const { manifest, durationMs, log } = this.#options
    this.saw((await manifest.load(signal)).lease)
    if (durationMs !== undefined) return this.#take(durationMs, signal)
    await this.#giveBack(signal).catch((error: unknown) => {
      signal.throwIfAborted()
      log.warn('the lease of an earlier run could not be given back', { why: textOf(error) })
    })
  }

  /** The manifest shows this lease. */
  saw(lease: Lease | undefined): void {
    const before = this.other
    const { kept, clock, log } = this.#options
    // Whoever shows us more than the chain would grant does not keep us waiting for ever.
    const endMs = clock.now() + maxLeaseMs + skewMs
    this.#lease = lease && { ...lease, untilMs: Math.min(lease.untilMs, endMs) }
    const { other } = this
    if (other && this.#untilMs !== undefined) {
      log.error('another machine has the drive alone now', { ...other })
      this.#untilMs = undefined
      kept.keep(undefined)
    }
    if (other?.untilMs !== before?.untilMs) this.#news.abort()
  }

  /** Throws ManifestError `leased` while somebody else has the drive alone. */
  check(): void {
    const { other } = this
    if (other) throw leasedBy(other)
  }

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal)
  }

  /** Gives the lease back, if the chain can be asked soon; else it runs out by itself. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the mount ends'))
    await this.#running
    await this.#giveBack(AbortSignal.timeout(retryMs)).catch((error: unknown) => {
      const { log, kept } = this.#options
      log.warn('the lease could not be given back: it runs out', {
        why: textOf(error),
        atMostMs: kept.atMostMs,
      })
    })
  }

  /** Prolongs in time, and tells when another's lease runs out. */
  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { other } = this
      this.#news = new AbortController()
      const either = AbortSignal.any([signal, this.#news.signal])
      await this.#options.clock.sleep(this.#waitMs(), either).catch(() => {})
      if (signal.aborted) return
      if (other && !this.other) this.#options.onFree()
      if (!this.other) await this.#prolong(signal)
    }
  }

  #waitMs(): number {
    const { durationMs, clock } = this.#options
    const now = clock.now()
    if (this.other) return Math.max(0, this.other.untilMs - now) + 1
    if (durationMs === undefined) return 2 ** 31 - 1
    if (this.#why !== undefined || this.#untilMs === undefined) return Math.min(retryMs, durationMs)
    return Math.max(0, this.#untilMs - durationMs / 2 - now)
  }

  async #prolong(signal: AbortSignal): Promise<void> {
    const { durationMs, clock, log } = this.#options
    if (durationMs === undefined) return
    if (this.#untilMs !== undefined && this.#untilMs - clock.now() > durationMs / 2) return
    try {
      await this.#take(durationMs, signal)
    } catch (error) {
      if (signal.aborted) return
      this.#why = textOf(error)
      log.warn('the lease cannot be prolonged, tried again', { why: this.#why })
    }
  }

  async #take(durationMs: number, signal: AbortSignal): Promise<void> {
    const { manifest, kept, clock } = this.#options
    this.check()
    // Before it is sent: it may be carried out though we do not live to hear of it.
    kept.keep(Math.max(kept.atMostMs ?? 0, clock.now() + durationMs + skewMs))
    this.#untilMs = await manifest.lease(durationMs, signal)
    kept.keep(this.#untilMs)
    this.#why = undefined
    this.saw((await manifest.load(signal)).lease)
    this.check()
  }

  async #giveBack(signal: AbortSignal): Promise<void> {
    const { manifest, kept } = this.#options
    if (kept.atMostMs === undefined) return
    const { lease } = await manifest.load(signal)
    if (lease && this.#isOurs(lease)) await manifest.release(signal)
    this.#untilMs = undefined
    kept.keep(undefined)
  }

  /** A look may show what was before our last prolongation. */
  #isOurs({ writer, untilMs }: Lease): boolean {
    const { manifest, kept } = this.#options
    return writer === manifest.writer && untilMs <= (kept.atMostMs ?? -1)
  }
}

function leasedBy({ writer, untilMs }: Lease): ManifestError {
  const until = new Date(untilMs).toISOString()
  const text = `another writer (${writer}) has the drive alone until ${until}, or longer if it goes on`
  return new ManifestError('leased', text)
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
