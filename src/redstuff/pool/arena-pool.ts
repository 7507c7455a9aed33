import { setImmediate } from 'node:timers/promises'
import { CodecError, CodecPriority } from '../codec.ts'
import { Arena, largestArena } from './arena.ts'
import type { PageAdvice } from './page-advice.ts'

export interface ArenaPoolOptions {
  readonly advice: PageAdvice | undefined
  /** Bytes of arenas that jobs of one kind work in at the same time, unless one job alone needs more. */
  readonly budget: number
  /** After so long without a job an arena's memory is given back. */
  readonly idleMs: number
  /** The workers are to drop their hold on an arena. */
  readonly onDrop: (arena: Arena) => void
}

/** Jobs of a kind that may work at the same time: a second one fills the gaps of the first. */
const jobsAtOnce = 3
const largePagesFrom = 16 << 20
/** Smaller arenas are kept as they are. */
const releaseFrom = 4 << 20
const releaseSlice = 16 << 20

/** A job's claim. */
interface Claim {
  readonly bytes: number
  readonly priority: CodecPriority
}

interface Waiting {
  readonly claim: Claim
  readonly admit: () => void
}

interface Resting {
  readonly arena: Arena
  /** When it was last used, or undefined after its memory was given back. */
  readonly since: number | undefined
}

function isRead({ priority }: Claim): boolean {
  return priority === CodecPriority.read
}

/** Arenas in use and at rest. Jobs of higher priority come first; reads never wait for writes. */
export class ArenaPool {
  readonly #options: ArenaPoolOptions
  readonly #resting: Resting[] = []
  readonly #running = new Set<Claim>()
  readonly #claims = new WeakMap<Arena, Claim>()
  readonly #waiting: Waiting[] = []
  #lastId = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: ArenaPoolOptions) {
    this.#options = options
  }

  /** An arena of at least so many bytes, when it is this job's turn. */
  async acquire(
    bytes: number,
    shards: number,
    priority: CodecPriority,
    signal: AbortSignal,
  ): Promise<Arena> {
    signal.throwIfAborted()
    if (bytes > largestArena) {
      throw new CodecError('too-large', `${bytes} bytes of working memory cannot be addressed`)
    }
    const claim: Claim = { bytes, priority }
    if (this.#admits(claim)) this.#running.add(claim)
    else await this.#turn(claim, signal)
    const arena = this.#take(bytes)
    try {
      this.#prepare(arena, bytes, shards)
    } catch (error) {
      this.#end(claim)
      this.#rest(arena)
      throw error
    }
    this.#claims.set(arena, claim)
    return arena
  }

  /** The job is done, but its results are still read: it no longer keeps others waiting. */
  hold(arena: Arena): void {
    const claim = this.#claims.get(arena)
    if (claim) this.#end(claim)
  }

  release(arena: Arena): void {
    this.#rest(arena)
    this.hold(arena)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#resting.length = 0
  }

  #admits(claim: Claim): boolean {
    const own = [...this.#running].filter((other) => isRead(other) === isRead(claim))
    const inUse = own.reduce((sum, other) => sum + other.bytes, claim.bytes)
    return own.length === 0 || (own.length < jobsAtOnce && inUse <= this.#options.budget)
  }

  /** Waits for its turn; then the claim is among those that run. */
  #turn(claim: Claim, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        claim,
        admit: () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      const behind = this.#waiting.findIndex((other) => other.claim.priority > claim.priority)
      this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, waiting)
    })
  }

  #end(claim: Claim): void {
    if (!this.#running.delete(claim)) return
    for (const read of [true, false]) {
      for (;;) {
        const next = this.#waiting.find((other) => isRead(other.claim) === read)
        if (!next || !this.#admits(next.claim)) break
        this.#waiting.splice(this.#waiting.indexOf(next), 1)
        this.#running.add(next.claim)
        next.admit()
      }
    }
  }

  /** The smallest resting arena that is large enough, else the largest, else a new one. */
  #take(bytes: number): Arena {
    const sorted = this.#resting.toSorted((a, b) => a.arena.capacity - b.arena.capacity)
    const found = sorted.find(({ arena }) => arena.capacity >= bytes) ?? sorted.at(-1)
    if (!found) return new Arena(++this.#lastId)
    this.#resting.splice(this.#resting.indexOf(found), 1)
    return found.arena
  }

  #prepare(arena: Arena, bytes: number, shards: number): void {
    const before = arena.capacity
    arena.prepare(bytes, shards)
    if (arena.capacity === before || arena.capacity < largePagesFrom) return
    this.#options.advice?.large(arena.bytes)
  }

  #rest(arena: Arena): void {
    if (this.#closed) return
    this.#resting.push({ arena, since: Date.now() })
    this.#wait()
  }

  #wait(): void {
    this.#timer ??= setTimeout(() => this.#giveBack(), this.#options.idleMs).unref()
  }

  #giveBack(): void {
    this.#timer = undefined
    const due = Date.now() - this.#options.idleMs
    for (const resting of Array.from(this.#resting)) {
      const { arena, since } = resting
      if (since === undefined || arena.capacity < releaseFrom) continue
      if (since > due) {
        this.#wait()
        continue
      }
      this.#resting.splice(this.#resting.indexOf(resting), 1)
      void this.#release(arena)
    }
  }

  /** Gives an arena's pages back, a few at a time, or the arena itself where they cannot be. */
  async #release(arena: Arena): Promise<void> {
    const { advice, onDrop } = this.#options
    if (!advice) {
      onDrop(arena)
      return
    }
    for (let at = 0; at < arena.capacity; at += releaseSlice) {
      advice.release(arena.bytes.subarray(at, at + releaseSlice))
      await setImmediate()
    }
    arena.forget()
    if (!this.#closed) this.#resting.push({ arena, since: undefined })
  }
}
