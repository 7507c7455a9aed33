import { Session } from 'node:inspector'
import type { Profiler } from 'node:inspector'
import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'

const sources = `${pathToFileURL(resolve(import.meta.dirname, '../../src')).href}/`

/** What V8 says was run of the files under `src/`, to the block. To be started before they are loaded. */
export class Coverage {
  readonly #session = new Session()
  /** By URL: a byte for each character of the file, 1 where it was run. */
  readonly #known = new Map<string, Uint8Array>()

  constructor() {
    this.#session.connect()
    this.#post('Profiler.enable')
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** So many characters were run, since the last look, that were not known; they are known from now on if `keep` says so. */
  look(keep: boolean): number {
    let count = 0
    for (const { url, functions } of this.#take()) {
      if (!url.startsWith(sources)) continue
      const run = runOf(functions)
      const known = this.#knownOf(url, run.length)
      for (let at = 0; at < run.length; at++) {
        if (run[at] === 0 || known[at] !== 0) continue
        count++
        if (keep) known[at] = 1
      }
    }
    return count
  }

  /** Nothing is known any more. */
  forget(): void {
    this.#take()
    this.#known.clear()
  }

  close(): void {
    this.#session.disconnect()
  }

  #knownOf(url: string, length: number): Uint8Array {
    const known = this.#known.get(url)
    if (known && known.length >= length) return known
    const longer = new Uint8Array(length)
    if (known) longer.set(known)
    this.#known.set(url, longer)
    return longer
  }

  /** Counts begin anew with each call. */
  #take(): Profiler.ScriptCoverage[] {
    const { result } = this.#post('Profiler.takePreciseCoverage') as {
      result: Profiler.ScriptCoverage[]
    }
    return result
  }

  /** Within one thread the inspector answers at once. */
  #post(method: string, parameters: object = {}): unknown {
    let answer: { error: Error | null; result: unknown } | undefined
    this.#session.post(method, parameters, (error, result) => (answer = { error, result }))
    if (!answer) throw new Error(`the inspector does not answer ${method}`)
    if (answer.error) throw answer.error
    return answer.result
  }
}

/** Functions come from outer to inner, and so do the ranges of each: later ones say more. */
function runOf(functions: readonly Profiler.FunctionCoverage[]): Uint8Array {
  const length = functions.reduce((end, { ranges }) => Math.max(end, ranges[0]!.endOffset), 0)
  const run = new Uint8Array(length)
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) {
      run.fill(count > 0 ? 1 : 0, startOffset, endOffset)
    }
  }
  return run
}
