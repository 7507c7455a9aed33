import type { CodecPriority } from '../codec.ts'
import type { Arena } from './arena.ts'
import type { Hand } from './hand.ts'

/** A task on its way. */
export interface Assignment<Task> {
  readonly id: number
  readonly crew: Crew<Task>
  readonly task: Task
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
  /** How often a worker died over it. */
  tries: number
  /** Who has it. */
  hand: Hand<Task> | undefined
}

export interface Dispatcher<Task> {
  submit(assignment: Assignment<Task>): void
  cancel(assignment: Assignment<Task>): void
}

let lastId = 0

/**
 * The tasks of one job. None of them touches the arena any more once `run` or `all` has settled and `end` has been
 * awaited.
 */
export class Crew<Task> {
  readonly arena: Arena
  readonly priority: CodecPriority
  readonly #dispatcher: Dispatcher<Task>
  readonly #signal: AbortSignal
  readonly #unfinished = new Set<Assignment<Task>>()
  readonly #onAbort = (): void => this.#cancel(this.#signal.reason)
  #failure: { readonly reason: unknown } | undefined
  #onIdle: (() => void) | undefined

  constructor(
    dispatcher: Dispatcher<Task>,
    arena: Arena,
    priority: CodecPriority,
    signal: AbortSignal,
  ) {
    this.#dispatcher = dispatcher
    this.arena = arena
    this.priority = priority
    this.#signal = signal
    signal.addEventListener('abort', this.#onAbort)
  }

  get cancelled(): boolean {
    return this.#failure !== undefined
  }

  /** Why the job ended before it was done. */
  get reason(): unknown {
    return this.#failure?.reason
  }

  /** Has one task done. The first that fails cancels all others. */
  run(task: Task): Promise<void> {
    this.#signal.throwIfAborted()
    if (this.#failure) return Promise.reject(this.#failure.reason as Error)
    return new Promise<void>((resolve, reject) => {
      const assignment: Assignment<Task> = {
        id: ++lastId,
        crew: this,
        task,
        tries: 0,
        hand: undefined,
        resolve: () => {
          this.#finished(assignment)
          resolve()
        },
        reject: (reason) => {
          this.#finished(assignment)
          this.#cancel(reason)
          reject(reason as Error)
        },
      }
      this.#unfinished.add(assignment)
      this.#dispatcher.submit(assignment)
    })
  }

  /** Has all these tasks done. */
  async all(tasks: readonly Task[]): Promise<void> {
    await Promise.all(tasks.map((task) => this.run(task)))
  }

  /** Cancels what is not done, and waits until no worker is at it. */
  async end(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort)
    if (this.#unfinished.size === 0) return
    this.#cancel(new Error('the job has ended'))
    await new Promise<void>((resolve) => (this.#onIdle = resolve))
  }

  #finished(assignment: Assignment<Task>): void {
    this.#unfinished.delete(assignment)
    if (this.#unfinished.size === 0) this.#onIdle?.()
  }

  #cancel(reason: unknown): void {
    if (this.#failure) return
    this.#failure = { reason }
    for (const one of Array.from(this.#unfinished)) this.#dispatcher.cancel(one)
  }
}
