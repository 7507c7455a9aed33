import type { CodecOptions } from '../codec.ts'
import { CodecError, CodecPriority } from '../codec.ts'
import { loadKernel } from '../kernel/kernel.ts'
import type { Arena } from '../pool/arena.ts'
import { ArenaPool } from '../pool/arena-pool.ts'
import type { Crew } from '../pool/crew.ts'
import { openPageAdvice } from '../pool/page-advice.ts'
import type { PageAdvice } from '../pool/page-advice.ts'
import { WorkerPool } from '../pool/worker-pool.ts'
import { scratchAt, scratchLayout } from './scratch.ts'
import type { Task } from './task.ts'

export interface WorkshopOptions {
  /** Worker threads. */
  readonly workers: number
  /** Added to the workers' nice value on Linux, so that the main thread comes first. */
  readonly niceness: number
  /** Bytes of arenas that encodings (and apart from them, reads) work in at the same time. */
  readonly budget: number
  /** Milliseconds after which the memory of an arena without a job is given back. */
  readonly idleMs: number
}

const largePagesFrom = 4 << 20

/** A job at work. */
export interface Bench {
  readonly crew: Crew<Task>
  readonly workers: number
}

/** A job's layout: how many bytes it takes from `base` on decides which arena it gets. */
export interface Layout<Plan> {
  readonly plan: Plan
  /** One past its last byte. */
  readonly bytes: number
}

/** The workers, and the arenas in which they do one job each. */
export class Workshop {
  readonly pool: WorkerPool<Task>
  readonly #arenas: ArenaPool
  readonly #advice: PageAdvice | undefined
  #closed = false

  private constructor(pool: WorkerPool<Task>, arenas: ArenaPool, advice: PageAdvice | undefined) {
    this.pool = pool
    this.#arenas = arenas
    this.#advice = advice
  }

  static async open(options: WorkshopOptions): Promise<Workshop> {
    const [module, advice] = await Promise.all([loadKernel(), openPageAdvice()])
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const entry = new URL(`./worker.${extension}`, import.meta.url)
    const pool = new WorkerPool<Task>({ ...options, entry, module })
    const arenas = new ArenaPool({ ...options, advice, onDrop: (arena) => pool.forget(arena) })
    return new Workshop(pool, arenas, advice)
  }

  /** New bytes for a result: zeros, on large pages where there are many. */
  blank(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    if (length >= largePagesFrom) this.#advice?.large(bytes)
    return bytes
  }

  /**
   * Lays a job out, waits for its turn and runs it. What `work` answers must not lie in the arena, unless it says
   * `keep`: then the arena is `giveUp`'s to take back.
   */
  async run<Plan, Result>(
    shards: number,
    layOut: (base: number) => Layout<Plan>,
    work: (bench: Bench, plan: Plan) => Promise<Result>,
    signal: AbortSignal,
    options: CodecOptions = {},
  ): Promise<Result> {
    const { arena, plan } = await this.#acquire(shards, layOut, signal, options)
    try {
      return await this.#work(arena, plan, work, signal, options)
    } finally {
      this.#arenas.release(arena)
    }
  }

  /** The same for a job whose results stay in the arena until `release` is called. */
  async runAndHold<Plan, Result>(
    shards: number,
    layOut: (base: number) => Layout<Plan>,
    work: (bench: Bench, plan: Plan, release: () => void) => Promise<Result>,
    signal: AbortSignal,
    options: CodecOptions = {},
  ): Promise<Result> {
    const { arena, plan } = await this.#acquire(shards, layOut, signal, options)
    const release = (): void => this.#arenas.release(arena)
    try {
      const holding = (bench: Bench, own: Plan): Promise<Result> => work(bench, own, release)
      const result = await this.#work(arena, plan, holding, signal, options)
      this.#arenas.hold(arena)
      return result
    } catch (error) {
      release()
      throw error
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.pool.close()
    this.#arenas.close()
  }

  async #acquire<Plan>(
    shards: number,
    layOut: (base: number) => Layout<Plan>,
    signal: AbortSignal,
    options: CodecOptions,
  ): Promise<{ readonly arena: Arena; readonly plan: Plan }> {
    if (this.#closed) throw new CodecError('closed', 'the codec is closed')
    const base = scratchAt(scratchLayout(shards), this.pool.workers)
    const { plan, bytes } = layOut(base)
    const priority = options.priority ?? CodecPriority.write
    return { arena: await this.#arenas.acquire(bytes, shards, priority, signal), plan }
  }

  async #work<Plan, Result>(
    arena: Arena,
    plan: Plan,
    work: (bench: Bench, plan: Plan) => Promise<Result>,
    signal: AbortSignal,
    options: CodecOptions,
  ): Promise<Result> {
    const priority = options.priority ?? CodecPriority.write
    const crew = this.pool.crew(arena, priority, signal)
    try {
      return await work({ crew, workers: this.pool.workers }, plan)
    } finally {
      await crew.end()
    }
  }
}
