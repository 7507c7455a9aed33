import type { Allocations } from './allocations.ts'
import type { Coverage } from './coverage.ts'
import { mutate } from './mutate.ts'
import type { Material } from './mutate.ts'
import { Random } from './random.ts'
import { attempt, defaultMaxBytes } from './target.ts'
import type { FuzzTarget } from './target.ts'

/** A look at the coverage is worth so many times its own time of trying. */
const worth = 10
const mostInBatch = 4096

/** Mutants of a target's inputs, as a generator without an end. */
export function* mutantsOf(
  target: FuzzTarget,
  inputs: readonly Uint8Array[],
  seed: number,
): Generator<Buffer, never> {
  const random = new Random(seed)
  const material: Material = {
    others: inputs,
    words: (target.words ?? []).map((word) => Buffer.from(word)),
    maxBytes: target.maxBytes ?? defaultMaxBytes,
  }
  for (;;) {
    // Half of the time one of the newest.
    const from = random.below(2) === 0 ? Math.max(0, inputs.length - 16) : 0
    const base = inputs[from + random.below(inputs.length - from)] ?? Buffer.alloc(0)
    yield mutate(base, random, material)
  }
}

/** Tries mutants of one target, batch by batch, and keeps those that run code which none before has run. */
export class Fuzzer {
  readonly target: FuzzTarget
  /** Inputs that each ran something new, in the order in which they came. */
  readonly inputs: Uint8Array[] = []
  tried = 0
  taken = 0
  readonly #coverage: Coverage
  readonly #allocations: Allocations
  readonly #mutants: Iterator<Buffer, never>
  /** Told each input before it is tried. */
  readonly #trying: (input: Uint8Array) => void
  #batchSize = 64

  constructor(
    target: FuzzTarget,
    coverage: Coverage,
    allocations: Allocations,
    seed: number,
    trying: (input: Uint8Array) => void = () => {},
  ) {
    this.target = target
    this.#coverage = coverage
    this.#allocations = allocations
    this.#mutants = mutantsOf(target, this.inputs, seed)
    this.#trying = trying
  }

  /** Tries given inputs one by one. Throws Finding. */
  async take(inputs: Iterable<Uint8Array>): Promise<void> {
    for (const input of inputs) {
      await this.#try([input])
      if (this.#coverage.look(true) > 0) this.inputs.push(input)
    }
  }

  /** Tries so many mutants that a look at the coverage is cheap beside them. Throws Finding. */
  async batch(): Promise<void> {
    const batch = Array.from({ length: this.#batchSize }, () => this.#mutants.next().value)
    const began = performance.now()
    await this.#try(batch)
    const tried = performance.now()
    const isNew = this.#coverage.look(false) > 0
    const looked = performance.now()
    if (isNew) await this.#find(batch)
    const wanted = this.#batchSize * ((worth * (looked - tried)) / Math.max(0.1, tried - began))
    const size = Math.round(Math.min(wanted, this.#batchSize * 2, mostInBatch))
    this.#batchSize = Math.max(16, size)
  }

  /**
   * A few short inputs that run all that those found do, the shortest first: of so many bytes in all at most, each cut as far
   * as it still runs what it is there for.
   */
  async least(most: number, mostBytes: number): Promise<Uint8Array[]> {
    const inputs = this.inputs.toSorted((a, b) => a.length - b.length)
    const kept: Uint8Array[] = []
    let bytes = 0
    this.#coverage.forget()
    for (const input of inputs) {
      const gain = await this.#gain(input, false)
      if (gain === 0 || kept.length === most) continue
      const short = await this.#cut(input, gain)
      if (bytes + short.length > mostBytes) continue
      await this.#gain(short, true)
      kept.push(short)
      bytes += short.length
    }
    return kept
  }

  async #cut(input: Uint8Array, gain: number): Promise<Uint8Array> {
    let short = Buffer.from(input)
    for (let part = short.length >> 1; part > 0; part >>= 1) {
      for (let at = 0; at < short.length; at += part) {
        const shorter = Buffer.concat([short.subarray(0, at), short.subarray(at + part)])
        if ((await this.#gain(shorter, false)) >= gain) {
          short = shorter
          at -= part
        }
        if (part < 8 && short.length > 64) break
      }
    }
    return short
  }

  async #gain(input: Uint8Array, keep: boolean): Promise<number> {
    await this.#try([input])
    return this.#coverage.look(keep)
  }

  /** Halves a batch that ran something new until single inputs are left that do. */
  async #find(batch: readonly Uint8Array[]): Promise<void> {
    const middle = batch.length >> 1
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      if (half.length === 0) continue
      await this.#try(half)
      if (this.#coverage.look(half.length === 1) === 0) continue
      if (half.length === 1) this.inputs.push(half[0]!)
      else await this.#find(half)
    }
  }

  async #try(inputs: readonly Uint8Array[]): Promise<void> {
    for (const input of inputs) {
      this.#trying(input)
      const outcome = attempt(this.target, input, this.#allocations)
      const isTaken = (outcome instanceof Promise ? await outcome : outcome) === 'taken'
      this.tried++
      if (isTaken) this.taken++
    }
  }
}
