import { setTimeout as sleep } from 'node:timers/promises'

/** The passing of time, injected so that tests need not wait. */
export interface Clock {
  /** Wall-clock milliseconds since 1970. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** A timer for longer than this ends at once. */
const longestMs = 2 ** 31 - 1

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    signal.throwIfAborted()
    try {
      let left = ms
      for (; left > longestMs; left -= longestMs) await sleep(longestMs, undefined, { signal })
      await sleep(left, undefined, { signal })
    } catch (error) {
      signal.throwIfAborted()
      throw error
    }
  },
}
