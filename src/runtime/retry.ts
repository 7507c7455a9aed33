import type { Clock } from './clock.ts'

/** How long to wait between tries: doubling from the first delay up to the cap, each shortened by up to half at random. */
export interface RetryPolicy {
  readonly firstDelayMs: number
  readonly maxDelayMs: number
  /** Tries in all; Infinity goes on until the signal aborts. */
  readonly tries: number
}

/** Repeats work while `retryable` says that another try can help. Throws the last error. */
export async function retry<T>(
  work: () => Promise<T>,
  retryable: (error: unknown) => boolean,
  policy: RetryPolicy,
  clock: Clock,
  signal: AbortSignal,
): Promise<T> {
  let delay = policy.firstDelayMs
  for (let tried = 1; ; tried++) {
    signal.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      if (tried >= policy.tries || !retryable(error)) throw error
    }
    await clock.sleep(delay * (0.5 + Math.random() / 2), signal)
    delay = Math.min(delay * 2, policy.maxDelayMs)
  }
}
