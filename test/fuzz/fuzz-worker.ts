import { setImmediate } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { Coverage } from './coverage.ts'

/** What a thread is to try. */
export interface FuzzJob {
  readonly target: string
  readonly seed: number
  /** For so long, milliseconds. */
  readonly ms: number
  /** Inputs that are kept already. */
  readonly kept: readonly Uint8Array[]
  /** Where it says what it is trying: u32 a number that grows, u32 length, the input. */
  readonly trying: SharedArrayBuffer
}

/** What a thread has tried. */
export interface FuzzResult {
  readonly tried: number
  readonly taken: number
  /** A few inputs that run all that was run. */
  readonly inputs: readonly Uint8Array[]
  /** What was wrong, and for which input. */
  readonly finding: { readonly what: string; readonly input: Uint8Array } | undefined
}

const most = 60
const mostBytes = 36 * 1024

// What is loaded before is not measured.
const coverage = new Coverage()
const { watchAllocations } = await import('./allocations.ts')
const { Fuzzer } = await import('./fuzzer.ts')
const { Finding } = await import('./target.ts')
const { fuzzTargets } = await import('./targets/index.ts')

const job = workerData as FuzzJob
const target = fuzzTargets.find(({ name }) => name === job.target)!
const [words, bytes] = [new Uint32Array(job.trying, 0, 2), new Uint8Array(job.trying, 8)]
const fuzzer = new Fuzzer(target, coverage, watchAllocations(), job.seed, (input) => {
  words[1] = Math.min(input.length, bytes.length)
  bytes.set(input.subarray(0, bytes.length))
  Atomics.add(words, 0, 1)
})
let finding: FuzzResult['finding']
const untilMs = Date.now() + job.ms
try {
  coverage.look(true)
  await fuzzer.take([...target.seeds(), ...job.kept])
  while (Date.now() < untilMs) {
    await fuzzer.batch()
    // What decoders leave for the next tick is never done otherwise, and fills the memory.
    await setImmediate()
  }
} catch (error) {
  if (!(error instanceof Finding)) throw error
  finding = { what: error.message, input: error.input }
}
const inputs = finding ? [] : await fuzzer.least(most, mostBytes)
const { tried, taken } = fuzzer
parentPort!.postMessage({ tried, taken, inputs, finding } satisfies FuzzResult)
