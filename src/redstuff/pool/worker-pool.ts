import { Worker } from 'node:worker_threads'
import { CodecError, CodecPriority } from '../codec.ts'
import type { Arena } from './arena.ts'
import { Crew } from './crew.ts'
import type { Assignment, Dispatcher } from './crew.ts'
import { Hand } from './hand.ts'
import type { WorkerStart } from './protocol.ts'

export interface WorkerPoolOptions {
  /** The module that workers run. */
  readonly entry: URL
  readonly module: WebAssembly.Module
  readonly workers: number
  readonly niceness: number
}

/** Tries of a task whose worker died. */
const maxTries = 3
/** Tasks of a kind that a worker is given ahead, so that it never waits for the main thread. */
const ahead = 2

/**
 * Worker threads that are started with the first task, replaced when they die, and keep the process alive only
 * while they have something to do.
 */
export class WorkerPool<Task> implements Dispatcher<Task> {
  readonly #options: WorkerPoolOptions
  readonly #hands: (Hand<Task> | undefined)[]
  /** Waiting assignments by priority. */
  readonly #queues: Assignment<Task>[][] = Object.values(CodecPriority).map(() => [])
  #closed = false

  constructor(options: WorkerPoolOptions) {
    this.#options = options
    this.#hands = Array.from({ length: options.workers }, () => undefined)
  }

  get workers(): number {
    return this.#options.workers
  }

  /** The threads that run now. */
  get threads(): Worker[] {
    return this.#hands.flatMap((hand) => (hand ? [hand.thread] : []))
  }

  /** Those who work on one job in one arena. An abort of the signal cancels what they have not done. */
  crew(arena: Arena, priority: CodecPriority, signal: AbortSignal): Crew<Task> {
    return new Crew(this, arena, priority, signal)
  }

  submit(assignment: Assignment<Task>): void {
    if (this.#closed) {
      assignment.reject(new CodecError('closed', 'the codec is closed'))
      return
    }
    this.#queues[assignment.crew.priority]!.push(assignment)
    this.#dispatch()
  }

  cancel(assignment: Assignment<Task>): void {
    const queue = this.#queues[assignment.crew.priority]!
    const at = queue.indexOf(assignment)
    if (at < 0) {
      assignment.hand?.cancel(assignment)
      return
    }
    queue.splice(at, 1)
    assignment.reject(assignment.crew.reason)
  }

  /** No worker needs the arena any more. */
  forget(arena: Arena): void {
    for (const hand of this.#hands) hand?.forget(arena)
  }

  /** Ends all threads; what they had to do is rejected. */
  async close(): Promise<void> {
    this.#closed = true
    const error = new CodecError('closed', 'the codec is closed')
    for (const queue of this.#queues) for (const one of queue.splice(0)) one.reject(error)
    const hands = this.#hands.flatMap((hand) => hand ?? [])
    this.#hands.fill(undefined)
    await Promise.all(
      hands.map(async (hand) => {
        for (const one of await hand.end()) one.reject(error)
      }),
    )
  }

  #dispatch(): void {
    for (const [priority, queue] of this.#queues.entries()) {
      while (queue.length > 0) {
        const hand = this.#freeHand(priority === CodecPriority.read)
        if (!hand) break
        hand.give(queue.shift()!)
      }
    }
  }

  /** The least loaded worker that may be given one more task of this kind. */
  #freeHand(urgent: boolean): Hand<Task> | undefined {
    let best: Hand<Task> | undefined
    for (let k = 0; k < this.#hands.length; k++) {
      const hand = (this.#hands[k] ??= this.#start(k))
      if (hand.load(urgent) >= ahead) continue
      if (!best || hand.load(urgent) + hand.load() < best.load(urgent) + best.load()) best = hand
    }
    return best
  }

  #start(worker: number): Hand<Task> {
    const { entry, module, niceness } = this.#options
    const start: WorkerStart = { module, worker, niceness }
    const thread = new Worker(entry, { workerData: start, name: `codec-${worker}` })
    const hand = new Hand<Task>(
      thread,
      () => this.#dispatch(),
      (error) => this.#lost(worker, hand, error),
    )
    return hand
  }

  /** A thread died: another one gets what it had, and is started for that. */
  #lost(worker: number, hand: Hand<Task>, error: unknown): void {
    if (this.#closed) return
    if (this.#hands[worker] === hand) this.#hands[worker] = undefined
    for (const one of hand.abandoned().toReversed()) {
      if (one.crew.cancelled) {
        one.reject(one.crew.reason)
      } else if (one.tries < maxTries) {
        this.#queues[one.crew.priority]!.unshift(one)
      } else {
        const why = error instanceof Error ? error.message : String(error)
        const text = `a worker thread died ${maxTries} times over one task: ${why}`
        one.reject(new CodecError('worker-lost', text, { cause: error }))
      }
    }
    this.#dispatch()
  }
}
