import { getPriority, setPriority } from 'node:os'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { Executor } from '../pool/executor.ts'
import type { ToWorker, WorkerStart } from '../pool/protocol.ts'
import { stepsOf } from './steps.ts'
import type { Task } from './task.ts'
import { Workspace } from './workspace.ts'

const { module, worker, niceness } = workerData as WorkerStart
const port = parentPort!

if (process.platform === 'linux' && niceness > 0) yieldBy(niceness)

const executor = new Executor<Task, Workspace>(
  {
    open: (memory) => new Workspace(module, memory, worker),
    prepare: (space, state) => space.prepare(state),
    steps: stepsOf,
  },
  {
    next: () => receiveMessageOnPort(port)?.message as ToWorker<Task> | undefined,
    send: (message) => port.postMessage(message),
  },
)

port.on('message', (message: ToWorker<Task>) => executor.receive(message))

/** Adds to the calling thread's own nice value, which is what Linux takes: setpriority(2), "C library/kernel differences". */
function yieldBy(niceness: number): void {
  try {
    setPriority(Math.min(19, getPriority() + niceness))
  } catch {
    // A sandbox forbids it: nothing comes out otherwise, only later for others.
  }
}
