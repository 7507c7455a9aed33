import { Worker } from 'node:worker_threads'
import { keptInputs } from './corpus.ts'
import type { FuzzJob, FuzzResult } from './fuzz-worker.ts'
import { defaultMaxBytes } from './target.ts'
import type { FuzzTarget } from './target.ts'

/** An input that takes longer is one that never ends. */
const hangMs = 10_000
const heapMegabytes = 512

/** Tries mutants of one target for a time in a thread of its own: one that hangs or fills the memory is a finding, too. */
export function tryTarget(target: FuzzTarget, ms: number, seed: number): Promise<FuzzResult> {
  const trying = new SharedArrayBuffer(8 + (target.maxBytes ?? defaultMaxBytes) + 4096)
  const [words, bytes] = [new Uint32Array(trying, 0, 2), new Uint8Array(trying, 8)]
  const kept = [...keptInputs(target.name).values()]
  const worker = new Worker(new URL('fuzz-worker.ts', import.meta.url), {
    workerData: { target: target.name, seed, ms, kept, trying } satisfies FuzzJob,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  })
  return new Promise((resolve) => {
    let seen = -1
    const watch = setInterval(() => {
      const now = Atomics.load(words, 0)
      if (now > 0 && now === seen) end(`an input takes longer than ${hangMs} ms`)
      seen = now
    }, hangMs)
    const end = (what: string): void => {
      clearInterval(watch)
      const input = Uint8Array.from(bytes.subarray(0, words[1]))
      const hex = Buffer.from(input).toString('hex')
      const finding = { what: `${target.name}: ${what}; the input, in hex: ${hex}`, input }
      resolve({ tried: words[0]!, taken: 0, inputs: [], finding })
      void worker.terminate()
    }
    worker.on('message', (result: FuzzResult) => {
      clearInterval(watch)
      resolve(result)
    })
    worker.on('error', (error: Error) => end(`${error.name}: ${error.message}`))
  })
}
