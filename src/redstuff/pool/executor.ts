import type { ArenaState, FromWorker, TaskFailure, ToWorker } from './protocol.ts'

/** How a worker does its tasks over an arena. */
export interface Craft<Task, Space> {
  open(memory: WebAssembly.Memory): Space
  /** Makes the space ready for tasks of this state. */
  prepare(space: Space, state: ArenaState): void
  steps(space: Space, task: Task): Iterator<void, void>
}

/** The messages of a worker's port. */
export interface Mail<Task> {
  /** The next message that waits, without waiting for one. */
  next(): ToWorker<Task> | undefined
  send(message: FromWorker): void
}

interface Running {
  readonly id: number
  readonly steps: Iterator<void, void>
}

function failureOf(error: unknown): TaskFailure {
  const own = error instanceof Error ? error : new Error(String(error))
  const { code } = own as NodeJS.ErrnoException
  return { message: own.message, code, stack: own.stack }
}

/** Runs tasks step by step in the order they came, but urgent ones first, looking for mail after each step. */
export class Executor<Task, Space> {
  readonly #craft: Craft<Task, Space>
  readonly #mail: Mail<Task>
  readonly #spaces = new Map<number, Space>()
  readonly #urgent: Running[] = []
  readonly #normal: Running[] = []

  constructor(craft: Craft<Task, Space>, mail: Mail<Task>) {
    this.#craft = craft
    this.#mail = mail
  }

  /** Takes a message and works until there is nothing to do. */
  receive(message: ToWorker<Task>): void {
    this.#accept(message)
    for (;;) {
      const queue = this.#urgent.length > 0 ? this.#urgent : this.#normal
      const running = queue[0]
      if (!running) return
      if (!this.#step(running)) queue.splice(queue.indexOf(running), 1)
      for (let mail = this.#mail.next(); mail; mail = this.#mail.next()) this.#accept(mail)
    }
  }

  /** One step; answers whether there are more. */
  #step({ id, steps }: Running): boolean {
    try {
      if (steps.next().done !== true) return true
      this.#mail.send({ id, end: 'done' })
    } catch (error) {
      this.#mail.send({ id, end: 'failed', error: failureOf(error) })
    }
    return false
  }

  #accept(message: ToWorker<Task>): void {
    switch (message.kind) {
      case 'arena':
        this.#spaces.set(message.arena, this.#craft.open(message.memory))
        return
      case 'forget':
        this.#spaces.delete(message.arena)
        return
      case 'cancel':
        return this.#cancel(message.id)
      case 'task': {
        const queue = message.urgent ? this.#urgent : this.#normal
        const { id, arena, state, task } = message
        queue.push({ id, steps: this.#stepsOf(arena, state, task) })
      }
    }
  }

  /** Preparing belongs to the first step: until then another task of the arena may be running. */
  *#stepsOf(arena: number, state: ArenaState, task: Task): Generator<void, void> {
    const space = this.#spaces.get(arena)
    if (space === undefined) throw new Error(`no arena ${arena}`)
    this.#craft.prepare(space, state)
    const steps = this.#craft.steps(space, task)
    while (steps.next().done !== true) yield
  }

  #cancel(id: number): void {
    for (const queue of [this.#urgent, this.#normal]) {
      const at = queue.findIndex((running) => running.id === id)
      if (at < 0) continue
      queue.splice(at, 1)
      this.#mail.send({ id, end: 'cancelled' })
    }
  }
}
