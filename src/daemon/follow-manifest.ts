import type { ManifestState } from '../manifest/manifest.ts'
import type { SharedParts } from './shared-parts.ts'

/** How the following of a manifest goes. */
export interface Following {
  /** Why the last change is not here, or none would be seen; for `status`. */
  readonly why: string | undefined
  /** The sequence number that was taken over last; undefined while the drive is as it was when it was opened. */
  readonly sequence: bigint | undefined
}

/** Takes a state over. What it throws is tried again. */
type Take = (state: ManifestState) => Promise<void> | void

const firstDelayMs = 500
const maxDelayMs = 30_000

/** Tells of every state that the manifest comes to, until the drive closes. A `take` that fails is tried again for ever. */
export async function followManifest(shared: SharedParts, take: Take): Promise<Following> {
  return shared.lifecycle.start('manifest watch', async () => {
    const follower = new Follower(shared, take)
    const ended = new AbortController()
    const running = Promise.all([follower.watch(ended.signal), follower.take(ended.signal)])
    const end = async () => (ended.abort(new Error('the drive closes')), void (await running))
    return [follower, end] as const
  })
}

/** One loop looks, the other takes over what it saw last. */
class Follower implements Following {
  readonly #shared: Pick<SharedParts, 'manifest' | 'request'>
  readonly #take: Take
  sequence: bigint | undefined
  #unseen: string | undefined
  #untaken: string | undefined
  #next: ManifestState | undefined
  #news = new AbortController()

  constructor(shared: SharedParts, take: Take) {
    this.#shared = shared
    this.#take = take
  }

  get why(): string | undefined {
    return this.#unseen ?? this.#untaken
  }

  async watch(signal: AbortSignal): Promise<void> {
    const { manifest, request } = this.#shared
    const trouble = (error: Error | undefined) => void (this.#unseen = error && whyOf(error))
    for (let delayMs = firstDelayMs; !signal.aborted; delayMs = later(delayMs)) {
      try {
        for await (const state of manifest.watch(signal, trouble)) {
          delayMs = firstDelayMs
          this.#next = state
          this.#news.abort()
        }
      } catch (error) {
        this.#unseen = whyOf(error)
        request.log.room('manifest').error('the manifest cannot be followed; tried again', {
          why: this.#unseen,
          waitMs: delayMs,
        })
      }
      await this.#sleep(delayMs, signal)
    }
  }

  async take(signal: AbortSignal): Promise<void> {
    const log = this.#shared.request.log.room('manifest')
    for (let delayMs = firstDelayMs; !signal.aborted;) {
      const state = this.#next
      this.#next = undefined
      this.#news = new AbortController()
      const either = AbortSignal.any([signal, this.#news.signal])
      if (!state) {
        await this.#sleep(maxDelayMs, either)
        continue
      }
      try {
        await this.#take(state)
        this.sequence = state.sequence
        this.#untaken = undefined
        delayMs = firstDelayMs
      } catch (error) {
        this.#untaken = whyOf(error)
        log.warn('a change of the manifest could not be taken over yet', {
          why: this.#untaken,
          waitMs: delayMs,
        })
        await this.#sleep(delayMs, either)
        delayMs = later(delayMs)
        this.#next ??= state
      }
    }
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    await this.#shared.request.settings.pace.clock.sleep(ms, signal).catch(() => {})
  }
}

function later(delayMs: number): number {
  return Math.min(2 * delayMs, maxDelayMs)
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
