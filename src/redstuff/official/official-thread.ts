import { Worker } from 'node:worker_threads'
import { CodecError } from '../codec.ts'
import type { OfficialAnswer, OfficialOrder } from './protocol.ts'

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const workerUrl = new URL(`./worker.${extension}`, import.meta.url)
/** After a larger order the thread is ended: its memory never shrinks. */
const keptBytes = 4 << 20

/** One thread that runs the official encoder, for one order after the other. An abort ends it. */
export class OfficialThread {
  #worker: Worker | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** Does the order after those that were given before. */
  perform(order: OfficialOrder, bytes: number, signal: AbortSignal): Promise<OfficialAnswer> {
    const answer = this.#last.then(() => this.#perform(order, bytes, signal))
    this.#last = answer.catch(() => {})
    return answer
  }

  async end(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  async #perform(
    order: OfficialOrder,
    bytes: number,
    signal: AbortSignal,
  ): Promise<OfficialAnswer> {
    signal.throwIfAborted()
    const worker = (this.#worker ??= new Worker(workerUrl, { name: 'codec-official' }))
    worker.ref()
    let isWhole = false
    try {
      worker.postMessage(order)
      const answer = await answerOf(worker, signal)
      isWhole = bytes <= keptBytes
      return answer
    } finally {
      worker.unref()
      if (!isWhole) await this.end()
    }
  }
}

function answerOf(worker: Worker, signal: AbortSignal): Promise<OfficialAnswer> {
  const settled = new AbortController()
  const { promise, resolve, reject } = Promise.withResolvers<OfficialAnswer>()
  signal.addEventListener('abort', () => reject(signal.reason as Error), {
    once: true,
    signal: settled.signal,
  })
  const lost = (cause?: unknown): void => {
    reject(new CodecError('worker-lost', 'the official encoder died', { cause }))
  }
  worker.once('message', resolve).once('error', lost).once('exit', lost)
  return promise.finally(() => {
    settled.abort()
    worker.off('message', resolve).off('error', lost).off('exit', lost)
  })
}
