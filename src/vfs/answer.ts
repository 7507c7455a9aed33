import { FsError } from '../terms/errno.ts'
import type { Answer } from './file-system.ts'

/** Whether an answer is yet to come. */
export function isPending<T>(answer: Answer<T>): answer is Promise<T> {
  return answer instanceof Promise
}

/** Goes on with an answer: at once when it is there. */
export function whenAnswered<T, U>(answer: Answer<T>, goOn: (value: T) => Answer<U>): Answer<U> {
  return isPending(answer) ? answer.then(goOn) : goOn(answer)
}

/** Waits for a promise until the signal aborts: then it is EINTR, and what was waited for goes on by itself. */
export function interruptible<T>(pending: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return pending
  return new Promise((resolve, reject) => {
    const interrupt = () => reject(new FsError('EINTR', 'interrupted by a signal'))
    if (signal.aborted) interrupt()
    signal.addEventListener('abort', interrupt, { once: true })
    pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', interrupt))
  })
}
