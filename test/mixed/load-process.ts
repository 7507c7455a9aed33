import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Ending } from '../e2e/machine.ts'
import type {
  Comparison,
  LoadMessage,
  LoadPlan,
  LoadRequest,
  OperationTally,
  TroubleReport,
} from './load-messages.ts'

/** Calls that wait on a mount each take a thread of libuv's. */
const threads = '24'

interface Results {
  readonly pause: undefined
  readonly resume: undefined
  readonly lull: undefined
  readonly compare: Comparison
  readonly tally: readonly OperationTally[]
}

/** The process that works on the mounts, seen from the one that makes trouble. */
export class LoadProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (result: unknown) => void>()
  #asked = 0

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** `isExcused` is asked about each error of an act; `failed` is told what is wrong. */
  static start(
    plan: LoadPlan,
    isExcused: (trouble: TroubleReport) => Promise<boolean>,
    failed: (what: string) => void,
    ends: Pick<Ending, 'teardown'>,
  ): LoadProcess {
    const child = fork(join(import.meta.dirname, 'load.ts'), [JSON.stringify(plan)], {
      execArgv: [],
      env: { ...process.env, UV_THREADPOOL_SIZE: threads },
    })
    const load = new LoadProcess(child)
    let hasEnded = false
    child.on('message', (message: LoadMessage) => {
      if (message.type === 'failed') failed(message.what)
      else if (message.type === 'done') load.#waiting.get(message.id)!(message.result)
      else
        void isExcused(message).then((verdict) =>
          load.#say({ type: 'verdict', id: message.id, isExcused: verdict }),
        )
    })
    child.on('exit', (code, signal) => {
      if (!hasEnded) failed(`the load process ended with ${code ?? signal}`)
      hasEnded = true
    })
    ends.teardown(async () => {
      if (hasEnded) return
      hasEnded = true
      child.kill('SIGKILL')
      await once(child, 'exit')
    })
    return load
  }

  pause = () => this.#ask('pause')
  resume = () => this.#ask('resume')
  lull = (ms: number) => this.#ask('lull', { ms })
  tally = () => this.#ask('tally')
  compare = (mount: string) => this.#ask('compare', { mount })

  #ask<T extends keyof Results>(type: T, more = {}): Promise<Results[T]> {
    const id = ++this.#asked
    return new Promise((resolve) => {
      this.#waiting.set(id, (result) => {
        this.#waiting.delete(id)
        resolve(result as Results[T])
      })
      this.#say({ type, id, ...more } as LoadRequest)
    })
  }

  #say(request: LoadRequest): void {
    if (this.#child.connected) this.#child.send(request)
  }
}
