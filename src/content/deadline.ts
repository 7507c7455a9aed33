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
  const end = new AbortController()
  const done = new AbortController()
  const stopped = (): void => end.abort(stop.reason)
  stop.addEventListener('abort', stopped, { once: true })
  clock.sleep(ms, done.signal).then(
    () => end.abort(new FsError('ETIMEDOUT', `no answer in ${ms} ms`)),
    () => {},
  )
  try {
    return await Promise.race([work(end.signal), aborted(end.signal)])
  } catch (error) {
    end.signal.throwIfAborted()
    throw error
  } finally {
    stop.removeEventListener('abort', stopped)
    done.abort()
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}
