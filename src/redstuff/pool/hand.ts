import type { Worker } from 'node:worker_threads'
import { CodecPriority } from '../codec.ts'
import type { Arena } from './arena.ts'
import type { Assignment } from './crew.ts'
import type { FromWorker, TaskFailure, ToWorker } from './protocol.ts'

function errorOf({ message, code, stack }: TaskFailure): Error {
  const error = new Error(message)
  if (stack !== undefined) error.stack = stack
  return code === undefined ? error : Object.assign(error, { code })
}

/** The main thread's end of one worker: what it was given, and which arenas it knows. */
export class Hand<Task> {
  readonly thread: Worker
  readonly #onFree: () => void
  readonly #given = new Map<number, Assignment<Task>>()
  readonly #arenas = new Set<number>()
  #urgent = 0
  #error: unknown
  /** Its end is waited for: an answer that comes meanwhile must not let the process end before. */
  #isEnding = false

  constructor(thread: Worker, onFree: () => void, onLost: (error: unknown) => void) {
    this.thread = thread
    this.#onFree = onFree
    thread.on('message', (message: FromWorker) => this.#answered(message))
    thread.on('error', (error) => (this.#error = error))
    thread.on('exit', (code) => onLost(this.#error ?? new Error(`exit code ${code}`)))
    // Not before the listeners: one for messages refs the thread's port.
    thread.unref()
  }

  /** Unfinished tasks: all of them, or only those of one kind. */
  load(urgent?: boolean): number {
    if (urgent === undefined) return this.#given.size
    return urgent ? this.#urgent : this.#given.size - this.#urgent
  }

  give(assignment: Assignment<Task>): void {
    const { arena, priority } = assignment.crew
    if (!this.#arenas.has(arena.id)) {
      this.#arenas.add(arena.id)
      this.#send({ kind: 'arena', arena: arena.id, memory: arena.memory })
    }
    const urgent = priority === CodecPriority.read
    const { id, task } = assignment
    if (this.#given.size === 0) this.thread.ref()
    this.#given.set(id, assignment)
    if (urgent) this.#urgent++
    assignment.hand = this
    this.#send({ kind: 'task', id, arena: arena.id, state: arena.state, urgent, task })
  }

  /** The task is answered all the same: as cancelled, or as done if that came first. */
  cancel({ id }: Assignment<Task>): void {
    this.#send({ kind: 'cancel', id })
  }

  forget(arena: Arena): void {
    if (this.#arenas.delete(arena.id)) this.#send({ kind: 'forget', arena: arena.id })
  }

  /** What a dead worker left. Those that it may have died over, the first of each kind, have been tried once more. */
  abandoned(): Assignment<Task>[] {
    const left = [...this.#given.values()]
    const tried = new Set<boolean>()
    for (const one of left) {
      one.hand = undefined
      const urgent = one.crew.priority === CodecPriority.read
      if (!tried.has(urgent)) one.tries++
      tried.add(urgent)
    }
    this.#given.clear()
    return left
  }

  /** Ends the thread; answers what it had not done. */
  async end(): Promise<Assignment<Task>[]> {
    this.#isEnding = true
    await this.thread.terminate()
    return this.abandoned()
  }

  #send(message: ToWorker<Task>): void {
    this.thread.postMessage(message)
  }

  #answered(message: FromWorker): void {
    const assignment = this.#given.get(message.id)
    if (!assignment) return
    this.#given.delete(message.id)
    if (assignment.crew.priority === CodecPriority.read) this.#urgent--
    if (this.#given.size === 0 && !this.#isEnding) this.thread.unref()
    assignment.hand = undefined
    this.#onFree()
    switch (message.end) {
      case 'done':
        return assignment.resolve()
      case 'cancelled':
        return assignment.reject(assignment.crew.reason)
      case 'failed':
        return assignment.reject(errorOf(message.error))
    }
  }
}
