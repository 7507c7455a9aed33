/** What goes between the main thread and a worker. `Task` is the work itself, plain data. */
export type ToWorker<Task> =
  | { readonly kind: 'arena'; readonly arena: number; readonly memory: WebAssembly.Memory }
  | { readonly kind: 'forget'; readonly arena: number }
  | {
      readonly kind: 'task'
      readonly id: number
      readonly arena: number
      readonly state: ArenaState
      /** Runs before tasks that are not, even between their steps. */
      readonly urgent: boolean
      readonly task: Task
    }
  | { readonly kind: 'cancel'; readonly id: number }

export type FromWorker =
  | { readonly id: number; readonly end: 'done' | 'cancelled' }
  | { readonly id: number; readonly end: 'failed'; readonly error: TaskFailure }

/** An error as it crosses threads: of its own properties only the code survives. */
export interface TaskFailure {
  readonly message: string
  readonly code: string | undefined
  readonly stack: string | undefined
}

/** An arena as it is for one job. */
export interface ArenaState {
  readonly shards: number
  /** What a worker keeps in the arena holds as long as this does not change. */
  readonly epoch: number
  /** Bytes. A thread may not have noticed yet that another one has made the memory grow. */
  readonly capacity: number
}

/** What every worker is started with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module
  readonly worker: number
  /** Added to the thread's nice value, where threads have their own (Linux). */
  readonly niceness: number
}
