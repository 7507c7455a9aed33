import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { finish, tool, until, type Ending } from '../e2e/machine.ts'
import { alive } from './nightly.ts'

const home = '/usr/lib/postgresql'
const isRoot = process.getuid?.() === 0

/** Why there is no PostgreSQL here; false when there is one. */
export function noPostgres(): string | false {
  if (!existsSync(home)) return 'no PostgreSQL: apt install postgresql'
  if (!isRoot || spawnSync('id', ['postgres']).status === 0) return false
  return 'no user postgres (root may not run PostgreSQL): apt install postgresql'
}

/** PostgreSQL on one directory, reached by a socket on the host only. root runs it as the user postgres. */
export class PostgresCluster {
  readonly #data: string
  readonly #host: string
  readonly #bin: string
  #postmaster = 0

  /** `data` is made when it is not there; sockets and logs go to `host`. The server is ended when the test ends. */
  constructor(test: Ending, data: string, host: string) {
    this.#data = data
    this.#host = host
    this.#bin = join(home, readdirSync(home).toSorted().at(-1)!, 'bin')
    for (const directory of [data, host]) {
      mkdirSync(directory, { recursive: true })
      if (isRoot) tool('chown', ['postgres:', directory])
    }
    test.teardown(() => this.kill())
  }

  init(): void {
    this.#ok('initdb', ['--data-checksums', '--no-locale', '--encoding=UTF8', '-D', this.#data])
  }

  start(): void {
    const options = `-c listen_addresses='' -c unix_socket_directories='${this.#host}' -c shared_buffers=16MB`
    const log = join(this.#host, 'postgres.log')
    try {
      this.#ok('pg_ctl', ['start', '-w', '-t', '120', '-D', this.#data, '-l', log, '-o', options])
    } catch (error) {
      throw new Error(`${String(error)}\n${readFileSync(log, 'utf8').slice(-3000)}`)
    }
    this.#postmaster = Number(
      readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n')[0],
    )
  }

  stop(): void {
    this.#ok('pg_ctl', ['stop', '-w', '-m', 'fast', '-D', this.#data])
    this.#ok('pg_checksums', ['--check', '-D', this.#data])
  }

  /** Ends all its processes as a power loss would. */
  async kill(): Promise<void> {
    const { stdout } = spawnSync('ps', ['--ppid', `${this.#postmaster}`, '-o', 'pid='])
    const pids = [this.#postmaster, ...String(stdout).trim().split(/\s+/).map(Number)]
    const running = pids.filter((pid) => this.#postmaster > 0 && pid > 1 && alive(pid))
    for (const pid of running) process.kill(pid, 'SIGKILL')
    await until(() => !running.some(alive), 'PostgreSQL to die')
    this.#postmaster = 0
  }

  sql(text: string): string {
    return this.#ok('psql', [
      '-XqAt',
      '-v',
      'ON_ERROR_STOP=1',
      '-h',
      this.#host,
      '-c',
      text,
      'postgres',
    ])
  }

  bench(...args: string[]): ChildProcess {
    return this.spawn('pgbench', [...args, '-h', this.#host, 'postgres'])
  }

  /** pgbench to its end; gives transactions per second. */
  async benched(...args: string[]): Promise<number> {
    const { code, stdout, stderr } = await finish(this.bench(...args))
    if (code !== 0) throw new Error(`pgbench ended with ${code}: ${stderr}`)
    return Number(/tps = ([\d.]+)/.exec(stdout)?.[1])
  }

  dump(): string {
    return this.#ok('pg_dump', ['-h', this.#host, 'postgres']).replaceAll(
      /^\\(un)?restrict .*$/gm,
      '',
    )
  }

  /** Checks every table and index of every database against each other. Throws what is wrong. */
  checkAll(): void {
    const deep = ['--heapallindexed', '--parent-check', '--rootdescend', '--install-missing']
    this.#ok('pg_amcheck', ['--all', ...deep, '-h', this.#host])
  }

  spawn(program: string, args: readonly string[]): ChildProcess {
    const [command, all] = this.#as(program, args)
    return spawn(command, all, { cwd: '/' })
  }

  /** Inserts numbers without end, each in a transaction of its own; says the last that was acknowledged. */
  counter(): { process: ChildProcess; acknowledged: () => number } {
    const child = this.spawn('psql', ['-XqAt', '-h', this.#host, 'postgres'])
    let printed = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (printed += text))
    child.stdin!.on('error', () => undefined)
    for (let i = 1; i < 10_000; i++) {
      child.stdin!.write(
        `INSERT INTO numbers SELECT coalesce(max(n), 0) + 1 FROM numbers RETURNING n;\n`,
      )
    }
    return { process: child, acknowledged: () => Number(printed.split('\n').at(-2) ?? 0) }
  }

  #ok(program: string, args: readonly string[]): string {
    const [command, all] = this.#as(program, args)
    return tool(command, all, { cwd: '/' })
  }

  #as(program: string, args: readonly string[]): [string, string[]] {
    const path = join(this.#bin, program)
    return isRoot ? ['runuser', ['-u', 'postgres', '--', path, ...args]] : [path, [...args]]
  }
}
