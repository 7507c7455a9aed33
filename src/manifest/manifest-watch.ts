import type { SuiGrpcClient } from '@mysten/sui/grpc'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { ChangeSubscription } from './change-subscription.ts'
import { ManifestError } from './manifest.ts'
import type { ManifestState } from './manifest.ts'
import { isNews } from './news.ts'

export interface WatchOptions {
  readonly client: SuiGrpcClient
  readonly id: ObjectId
  readonly load: () => Promise<ManifestState>
  /** Told why it cannot be read, and undefined when it can. */
  readonly trouble: (error: Error | undefined) => void
  readonly clock: Clock
  readonly log: Log
  /** Between two looks where the full node does not tell of changes. */
  readonly pollMs: number
}

/** A look now and then even while the full node tells of changes. */
const listeningPollMs = 30_000
const maxDelayMs = 30_000

/**
 * Yields the state whenever its sequence or its lease has moved. What the full node tells is only a hint that there is something to
 * read: a stream may stop or skip without a word.
 */
export async function* watchManifest(
  options: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<ManifestState, void, void> {
  const { client, id, clock, log, pollMs } = options
  const subscription = new ChangeSubscription(client, id, clock, log)
  const left = new AbortController()
  const ended = subscription.run(AbortSignal.any([signal, left.signal]))
  try {
    let seen: ManifestState | undefined
    let failures = 0
    while (!signal.aborted) {
      const state = await look(options, signal)
      failures = state ? 0 : failures + 1
      if (state && (!seen || isNews(state, seen))) {
        seen = state
        yield state
        continue
      }
      const usual = subscription.listening && state ? listeningPollMs : pollMs
      const delay = Math.min(usual * 2 ** Math.min(failures, 10), maxDelayMs)
      await subscription.changed(delay * (0.75 + Math.random() / 2), signal)
    }
  } finally {
    left.abort()
    await ended
  }
}

/** Undefined when it cannot be read now. */
async function look(
  { load, trouble, log, id }: WatchOptions,
  signal: AbortSignal,
): Promise<ManifestState | undefined> {
  try {
    const state = await load()
    trouble(undefined)
    return state
  } catch (error) {
    if (signal.aborted) return undefined
    const passing = error instanceof ManifestError && error.code === 'unreachable'
    if (!passing) throw error
    trouble(error)
    log.debug('the manifest cannot be read', { manifest: id, reason: error.message })
    return undefined
  }
}
