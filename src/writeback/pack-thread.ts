import { Worker } from 'node:worker_threads'
import { FsError, type ErrnoName, Errno } from '../terms/errno.ts'
import { workerUrl } from '../runtime/worker-url.ts'
import type {
  PackAnswer,
  PackJob,
  PackKeys,
  PartSource,
  PlacedPiece,
  StoredPiece,
} from './pack-job.ts'

/**
 * The thread that reads staging, compresses, seals, hashes and writes pack files, so that the thread that serves the kernel
 * does not. One job at a time; errors of the disk are FsErrors.
 */
export class PackThread {
  readonly #keys: PackKeys
  #worker: Worker | undefined
  #waiting: { resolve: (answer: PackAnswer) => void; reject: (error: Error) => void } | undefined

  constructor({ pieces, staging }: PackKeys = {}) {
    this.#keys = { pieces, staging }
  }

  async begin(path: string, capacity: number): Promise<void> {
    await this.#ask({ op: 'begin', path, capacity })
  }

  async add(pieces: readonly (readonly PartSource[])[]): Promise<readonly PlacedPiece[]> {
    return placed(await this.#ask({ op: 'add', pieces }))
  }

  async copy(pieces: readonly StoredPiece[]): Promise<readonly PlacedPiece[]> {
    return placed(await this.#ask({ op: 'copy', pieces }))
  }

  async put(kind: 'node' | 'root', plain: Uint8Array): Promise<PlacedPiece | undefined> {
    return placed(await this.#ask({ op: 'put', kind, plain }))[0]
  }

  /** Length of the finished pack in bytes. */
  async end(): Promise<number> {
    const answer = await this.#ask({ op: 'end' })
    return 'bytes' in answer ? answer.bytes : 0
  }

  async discard(): Promise<void> {
    if (this.#worker) await this.#ask({ op: 'discard' })
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
    this.#worker = undefined
  }

  #ask(job: PackJob): Promise<PackAnswer> {
    if (this.#waiting) throw new Error('the packing thread does one job at a time')
    const worker = (this.#worker ??= this.#start())
    return new Promise<PackAnswer>((resolve, reject) => {
      this.#waiting = { resolve, reject }
      worker.ref()
      worker.postMessage(job)
    }).finally(() => worker.unref())
  }

  #start(): Worker {
    const worker = new Worker(workerUrl('pack-worker', import.meta.url), {
      workerData: this.#keys,
    })
    worker.on('message', (answer: PackAnswer) => {
      const waiting = this.#waiting
      this.#waiting = undefined
      if ('error' in answer) waiting?.reject(errorOf(answer.error))
      else waiting?.resolve(answer)
    })
    worker.on('error', (error: Error) => this.#lost(error))
    worker.on('exit', () => this.#lost(new Error('the packing thread ended')))
    return worker
  }

  #lost(error: Error): void {
    this.#worker = undefined
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(error)
  }
}

function placed(answer: PackAnswer): readonly PlacedPiece[] {
  return 'pieces' in answer ? answer.pieces : []
}

function errorOf({ code, message }: { code: string | undefined; message: string }): Error {
  return code !== undefined && code in Errno
    ? new FsError(code as ErrnoName, message)
    : new Error(message)
}
