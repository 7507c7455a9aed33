import type { Dispatcher } from 'undici'
import { NodeError } from './node-error.ts'

export interface NodeAnswer {
  readonly status: number
  readonly body: Uint8Array
}

export interface AnswerRoom {
  /** The longest answer worth reading; of a refusal, 64 KiB are. */
  readonly maxBytes: number
  /** Where the answer is to lie. @default new memory */
  readonly room?: Uint8Array
}

const maxErrorBytes = 64 * 1024

/** Takes an answer out of the socket's buffers straight to where it is to lie: nothing is collected first. */
export class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #room: AnswerRoom
  readonly #signal: AbortSignal
  readonly #answer = Promise.withResolvers<NodeAnswer>()
  readonly #abort: () => void
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #maxBytes = 0
  #body: Uint8Array = new Uint8Array(0)
  #bytes = 0
  #over = false

  constructor(room: AnswerRoom, signal: AbortSignal) {
    this.#room = room
    this.#signal = signal
    this.#abort = () => this.#giveUp(signal.reason as Error)
    signal.addEventListener('abort', this.#abort)
  }

  /** The whole answer. Rejects with NodeError `bad-answer`, the signal's reason, or what undici says of the connection. */
  get answer(): Promise<NodeAnswer> {
    return this.#answer.promise
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#signal.aborted) controller.abort(this.#signal.reason as Error)
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // 1xx: the answer is still to come.
    if (status < 200) return
    const { maxBytes, room } = this.#room
    this.#status = status
    this.#maxBytes = status < 400 ? maxBytes : maxErrorBytes
    if (status < 400 && room) {
      this.#body = room
      return
    }
    const announced = Number(headers['content-length'])
    if (announced > 0) this.#grow(Math.min(announced, this.#maxBytes))
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#over) return
    const end = this.#bytes + chunk.length
    if (end > this.#maxBytes) {
      const text = `an answer of over ${this.#maxBytes} bytes`
      return this.#giveUp(new NodeError('bad-answer', text))
    }
    if (end > this.#body.length) this.#grow(Math.min(2 * end, this.#maxBytes))
    this.#body.set(chunk, this.#bytes)
    this.#bytes = end
  }

  onResponseEnd(): void {
    if (!this.#end()) return
    this.#answer.resolve({ status: this.#status, body: this.#body.subarray(0, this.#bytes) })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#end()) this.#answer.reject(error)
  }

  #grow(bytes: number): void {
    const body = Buffer.allocUnsafe(bytes)
    body.set(this.#body.subarray(0, this.#bytes))
    this.#body = body
  }

  #giveUp(error: Error): void {
    if (!this.#end()) return
    this.#answer.reject(error)
    this.#controller?.abort(error)
  }

  /** False when it had ended before. From now on nothing is written to the room. */
  #end(): boolean {
    if (this.#over) return false
    this.#over = true
    this.#signal.removeEventListener('abort', this.#abort)
    return true
  }
}
