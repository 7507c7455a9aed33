/** One way to get something. */
export interface Way<T> {
  /** After so many milliseconds without a result the next way is started beside it. */
  readonly patienceMs: number
  go(signal: AbortSignal): Promise<T>
  /** Another way was faster. */
  outrun?(): void
}

export interface WaysOptions {
  /** Called with each failure; a defined answer ends the search with it. */
  readonly giveUp?: (error: unknown) => Error | undefined
  /** How many ways are started when one fails. @default 1 */
  readonly afterFailure?: number
}

/**
 * The first result of several ways, tried in order: the next is started when one fails or takes too long, and the rest
 * is aborted when one succeeds. Rejects with the last failure when all have failed, or with the signal's reason.
 */
export function firstOf<T>(
  ways: readonly Way<T>[],
  signal: AbortSignal,
  options: WaysOptions = {},
): Promise<T> {
  return new Search(ways, signal, options).run()
}

class Search<T> {
  readonly #ways: readonly Way<T>[]
  readonly #signal: AbortSignal
  readonly #options: WaysOptions
  readonly #controller = new AbortController()
  readonly #result = Promise.withResolvers<T>()
  readonly #running = new Set<Way<T>>()
  #next = 0
  #timer: NodeJS.Timeout | undefined
  #over = false

  constructor(ways: readonly Way<T>[], signal: AbortSignal, options: WaysOptions) {
    this.#ways = ways
    this.#signal = signal
    this.#options = options
  }

  async run(): Promise<T> {
    this.#signal.throwIfAborted()
    if (this.#ways.length === 0) throw new RangeError('no way to try')
    const abort = (): void => this.#result.reject(this.#signal.reason as Error)
    this.#signal.addEventListener('abort', abort)
    this.#startNext()
    if (this.#signal.aborted) abort()
    try {
      return await this.#result.promise
    } finally {
      this.#over = true
      clearTimeout(this.#timer)
      this.#signal.removeEventListener('abort', abort)
      if (!this.#signal.aborted) for (const way of this.#running) way.outrun?.()
      this.#controller.abort(this.#signal.aborted ? this.#signal.reason : new Outrun())
    }
  }

  #startNext(): void {
    const way = this.#ways[this.#next]
    if (!way || this.#over) return
    this.#next++
    clearTimeout(this.#timer)
    if (Number.isFinite(way.patienceMs)) {
      this.#timer = setTimeout(() => this.#startNext(), way.patienceMs)
    }
    this.#running.add(way)
    way.go(this.#controller.signal).then(
      (value) => {
        this.#running.delete(way)
        this.#result.resolve(value)
      },
      (error: unknown) => {
        this.#running.delete(way)
        this.#failed(error)
      },
    )
  }

  #failed(error: unknown): void {
    if (this.#over) return
    const end = this.#options.giveUp?.(error)
    if (end) return this.#result.reject(end)
    for (let more = this.#options.afterFailure ?? 1; more > 0; more--) this.#startNext()
    if (this.#running.size === 0) this.#result.reject(error as Error)
  }
}

/** Why a slower way was aborted. */
export class Outrun extends Error {
  override readonly name = 'Outrun'

  constructor() {
    super('another way was faster')
  }
}
