import { setImmediate } from 'node:timers/promises'

const sliceMs = 3

/**
 * Runs work that yields between steps of a millisecond or so, and lets the event loop turn every few
 * milliseconds. Rejects with the signal's reason.
 */
export async function sliced<T>(work: Generator<void, T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted()
    const end = performance.now() + sliceMs
    do {
      const step = work.next()
      if (step.done === true) return step.value
    } while (performance.now() < end)
    await setImmediate()
  }
}
