import type { Clock } from '../runtime/clock.ts'
import { FsError } from '../terms/errno.ts'

/**
 * Does work that must answer in time: rejects with FsError ETIMEDOUT when it has not after `ms`, or with the reason of
 * `stop`, even where the work does not heed its signal.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  ms: number,
  clock: Clock,
  stop: AbortSignal,
): Promise<T> {
  stop.throwIfAborted()
  const late = new AbortController()
  const done = new AbortController()
  clock.sleep(ms, done.signal).then(
    () => late.abort(new FsError('ETIMEDOUT', `no answer in ${ms} ms`)),
    () => {},
  )
  const signal = AbortSignal.any([stop, late.signal])
  try {
    return await Promise.race([work(signal), aborted(signal)])
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    done.abort()
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}
