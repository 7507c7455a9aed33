import { Worker } from 'node:worker_threads'
import { workerUrl } from '../../runtime/worker-url.ts'

/** Signatures of one message, each by the key at the same place. */
export interface SignatureJob {
  readonly keys: readonly Uint8Array[]
  readonly message: Uint8Array
  readonly signatures: readonly Uint8Array[]
}

export interface SignatureResult {
  /** All of them in one; undefined when some are bad. */
  readonly signature: Uint8Array | undefined
  /** Places of the bad ones. */
  readonly bad: readonly number[]
}

type Waiting = PromiseWithResolvers<SignatureResult>

/** BLS12-381 signatures combined and checked, in a thread of its own that starts with the first job. */
export class Signatures {
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #jobs = 0

  /** One check for all of them; only when it fails each is checked by itself. */
  combine(job: SignatureJob): Promise<SignatureResult> {
    const waiting = Promise.withResolvers<SignatureResult>()
    const id = this.#jobs++
    this.#waiting.set(id, waiting)
    this.#thread().postMessage({ id, job })
    return waiting.promise
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker
    const worker = new Worker(workerUrl('signature-worker', import.meta.url))
    worker.unref()
    worker.on('message', ({ id, result }: { id: number; result: SignatureResult }) => {
      this.#waiting.get(id)?.resolve(result)
      this.#waiting.delete(id)
    })
    worker.on('error', (error) => this.#lost(worker, error))
    worker.on('exit', () => this.#lost(worker, new Error('the signature thread has ended')))
    this.#worker = worker
    return worker
  }

  #lost(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
