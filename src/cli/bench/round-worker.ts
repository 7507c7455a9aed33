import { parentPort, workerData } from 'node:worker_threads'
import { measureRound } from './round.ts'
import type { Sizes } from './round.ts'

/** The measuring thread: one round in one directory. */
const { directory, sizes } = workerData as { readonly directory: string; readonly sizes: Sizes }
parentPort?.postMessage(measureRound(directory, sizes))
