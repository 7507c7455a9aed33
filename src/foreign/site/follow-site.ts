import type { Clock } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'

const pollMs = 5000
const maxDelayMs = 60_000

/** How the following of a site goes. */
export interface SiteFollowing {
  /** Why what changed may not show here. */
  readonly why: string | undefined
}

export interface FollowOptions {
  /** The version that is shown. */
  readonly version: string
  /** The version now. */
  readonly look: (signal: AbortSignal) => Promise<string>
  /** Shows the site as it is now; gives the version that is shown then. */
  readonly take: (signal: AbortSignal) => Promise<string>
  readonly clock: Clock
  readonly log: Log
}

/** Looks at a site again and again, and has it taken over when it has changed. What fails is tried again for ever, ever more rarely. */
export class SiteFollower implements SiteFollowing {
  why: string | undefined
  readonly #options: FollowOptions
  readonly #ended = new AbortController()
  readonly #running: Promise<void>

  constructor(options: FollowOptions) {
    this.#options = options
    this.#running = this.#run(options.version)
  }

  async close(): Promise<void> {
    this.#ended.abort(new Error('the mount ends'))
    await this.#running
  }

  async #run(first: string): Promise<void> {
    const { look, take, clock, log } = this.#options
    const { signal } = this.#ended
    for (let shown = first, delayMs = pollMs; !signal.aborted;) {
      await clock.sleep(delayMs * (0.75 + Math.random() / 2), signal).catch(() => {})
      if (signal.aborted) return
      try {
        if ((await look(signal)) !== shown) shown = await take(signal)
        this.why = undefined
        delayMs = pollMs
      } catch (error) {
        if (signal.aborted) return
        this.why = error instanceof Error ? error.message : String(error)
        delayMs = Math.min(2 * delayMs, maxDelayMs)
        log.warn('the site cannot be followed; tried again', { why: this.why, waitMs: delayMs })
      }
    }
  }
}
