import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Machine } from '../../e2e/machine.ts'
import type { LoopDelay } from '../codec/loop-delay.ts'

/** A mount whose daemon can be asked how late its event loop is. */
export class ProbedMount {
  readonly path: string
  readonly #pid: number
  readonly #answer: string

  private constructor(path: string, pid: number, answer: string) {
    this.path = path
    this.#pid = pid
    this.#answer = answer
  }

  static async open(machine: Machine, ...args: string[]): Promise<ProbedMount> {
    const path = machine.mountPoint()
    const answer = join(machine.home, 'loop-delay')
    const probe = pathToFileURL(join(import.meta.dirname, 'loop-probe.ts')).href
    const env = { NODE_OPTIONS: `--import ${probe}`, WALRUSFS_LOOP_PROBE: answer }
    const { code, stderr } = await machine.runIn(env, 'mount', 'demo', path, ...args)
    if (code !== 0) throw new Error(`walrusfs mount ended with ${code}: ${stderr}`)
    return new ProbedMount(path, await machine.pidOf(path), answer)
  }

  /** The event loop's delay while something happens. */
  async during(happens: () => Promise<unknown>): Promise<LoopDelay> {
    rmSync(this.#answer, { force: true })
    process.kill(this.#pid, 'SIGUSR2')
    await happens()
    process.kill(this.#pid, 'SIGUSR2')
    while (!existsSync(this.#answer)) await sleep(10)
    return JSON.parse(readFileSync(this.#answer, 'utf8')) as LoopDelay
  }
}
