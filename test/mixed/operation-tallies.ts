import type { OperationTally } from './load-messages.ts'

/** What was done, by kind. */
export class OperationTallies {
  readonly #kinds = new Map<string, OperationTally>()

  get all(): OperationTally[] {
    return [...this.#kinds.values()].sort((one, other) => (one.kind < other.kind ? -1 : 1))
  }

  done(kind: string, bytes: number, ms: number): void {
    const tally = this.#of(kind)
    tally.count++
    tally.bytes += bytes
    tally.totalMs += ms
    tally.longestMs = Math.max(tally.longestMs, ms)
  }

  excused(kind: string): void {
    this.#of(kind).excused++
  }

  #of(kind: string): OperationTally {
    const known = this.#kinds.get(kind)
    if (known) return known
    const fresh = { kind, count: 0, bytes: 0, excused: 0, totalMs: 0, longestMs: 0 }
    this.#kinds.set(kind, fresh)
    return fresh
  }
}
