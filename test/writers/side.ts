import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Machine, type Ending, until } from '../e2e/machine.ts'
import { CuttableLine } from './cuttable-line.ts'

/** A machine that writes the drive, with a line to the full node that can be cut. */
export class Side {
  readonly machine: Machine
  readonly mount: string
  readonly line: CuttableLine
  readonly #flags: readonly string[]

  private constructor(
    machine: Machine,
    mount: string,
    line: CuttableLine,
    flags: readonly string[],
  ) {
    this.machine = machine
    this.mount = mount
    this.line = line
    this.#flags = flags
  }

  /** A copy of a machine, mounted with these flags. */
  static async of(
    origin: Machine,
    ends: Ending,
    flags: readonly string[] = ['--writeback-delay', '3s'],
  ): Promise<Side> {
    const machine = new Machine(ends, origin)
    const file = join(machine.home, 'config', 'config.yaml')
    const config = readFileSync(file, 'utf8')
    const port = /suiUrl: \S+:(\d+)/.exec(config)?.[1]
    if (port === undefined) throw new Error(`no suiUrl in ${file}`)
    const line = await CuttableLine.to(Number(port), ends)
    writeFileSync(file, config.replace(`:${port}`, `:${line.port}`))
    const side = new Side(machine, machine.mountPoint(), line, flags)
    await side.start()
    return side
  }

  async start(): Promise<void> {
    await this.machine.ok('mount', 'demo', this.mount, ...this.#flags)
  }

  async kill(): Promise<void> {
    await this.die()
    await this.start()
  }

  /** The daemon gets SIGKILL. */
  async die(): Promise<void> {
    const pid = await this.machine.pidOf(this.mount)
    process.kill(pid, 'SIGKILL')
    await until(() => !isAlive(pid), 'the daemon to die')
  }

  /** The end of its log. */
  lastWords(): string {
    const log = readFileSync(join(this.machine.home, 'state/demo/daemon.log'), 'utf8')
    return `${this.mount}:\n${log.split('\n').slice(-200).join('\n')}`
  }

  async sync(): Promise<void> {
    await this.machine.ok('sync', this.mount)
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
