import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { workerUrl } from '../../runtime/worker-url.ts'
import type { Round, Sizes } from './round.ts'

/** The rounds of each directory, in the order of the directories. */
export type Rounds = readonly (readonly Round[])[]

/**
 * Measures directories in turn, round by round: what disturbs the machine meanwhile disturbs all alike. Everything is made in a
 * directory of its own, which is deleted whatever happens. Rejects with the signal's reason when it aborts.
 */
export async function measureInTurn(
  directories: readonly string[],
  sizes: Sizes,
  rounds: number,
  says: (round: number, directory: string) => void,
  signal: AbortSignal,
): Promise<Rounds> {
  const found = directories.map((): Round[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [k, directory] of directories.entries()) {
      signal.throwIfAborted()
      says(round, directory)
      found[k]!.push(await measureIn(directory, sizes, signal))
    }
  }
  return found
}

async function measureIn(parent: string, sizes: Sizes, signal: AbortSignal): Promise<Round> {
  const directory = mkdtempSync(join(parent, '.walrusfs-bench-'))
  try {
    return await inThread(directory, sizes, signal)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Apart, because the calls block: an interruption need not wait for the round's end. */
async function inThread(directory: string, sizes: Sizes, signal: AbortSignal): Promise<Round> {
  const worker = new Worker(workerUrl('round-worker', import.meta.url), {
    workerData: { directory, sizes },
  })
  const { promise, resolve, reject } = Promise.withResolvers<Round>()
  const abort = (): void => reject(signal.reason as Error)
  signal.addEventListener('abort', abort)
  worker.on('message', resolve)
  worker.on('error', reject)
  worker.on('exit', () => reject(new Error('the measuring thread ended')))
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', abort)
    await worker.terminate()
  }
}
