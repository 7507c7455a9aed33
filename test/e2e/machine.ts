import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { DriveStatus } from '../../src/control/status.ts'

const checkout = resolve(import.meta.dirname, '../..')
const program = join(checkout, 'src/cli/main.ts')

/** For a test: machines that run everything at once are slow. */
const limitMs = 600_000

/** What a finished command left behind. */
export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What a machine wants of a test: where to leave its end. */
export interface Ending {
  teardown(undo: () => unknown): void
  setTimeout(ms: number): unknown
}

/**
 * A machine of a test: a WALRUSFS_HOME of its own, mount points, and the command line as a person uses it, always in other
 * processes. Everything is unmounted, ended and deleted when the test ends. A copy of another machine has its configuration
 * and keys and sees its devnet, and has no state and no cache.
 */
export class Machine {
  readonly home: string
  readonly #mounts = new Set<string>()
  #devnet = false

  constructor(test: Ending, copyOf?: Machine) {
    test.setTimeout(limitMs)
    this.home = mkdtempSync(join(tmpdir(), 'walrusfs-e2e-'))
    if (copyOf) {
      cpSync(join(copyOf.home, 'config'), join(this.home, 'config'), { recursive: true })
      symlinkSync(join(copyOf.home, 'devnet'), join(this.home, 'devnet'))
    }
    test.teardown(() => this.#end())
  }

  /** One devnet for all tests of a file; their machines are copies of the one that it gives. */
  static async withDevnet(file: Ending, ...args: string[]): Promise<Machine> {
    const machine = new Machine(file)
    await machine.startDevnet(...args)
    await machine.create('none')
    return machine
  }

  /** A copy of this one, with a drive of its own. */
  async withDrive(test: Ending, name = 'demo', ...args: string[]): Promise<Machine> {
    const machine = new Machine(test, this)
    await machine.create(name, ...args)
    return machine
  }

  get env(): NodeJS.ProcessEnv {
    const code = join(checkout, 'node_modules/.cache/walrusfs')
    return { NODE_COMPILE_CACHE: code, ...process.env, WALRUSFS_HOME: this.home, NO_COLOR: '1' }
  }

  /** Runs `walrusfs ARGS` to its end. */
  async run(...args: string[]): Promise<Finished> {
    return this.runIn({}, ...args)
  }

  /** The same with other environment variables. */
  async runIn(variables: NodeJS.ProcessEnv, ...args: string[]): Promise<Finished> {
    const env = { ...this.env, ...variables }
    return finish(spawn(process.execPath, [program, ...args], { env }))
  }

  /** Runs any program as this machine. */
  async runs(program: string, args: readonly string[]): Promise<Finished> {
    return finish(spawn(program, args, { env: this.env }))
  }

  /** The same as run, expecting success; gives standard output. */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args)
    if (code !== 0) throw new Error(`walrusfs ${args.join(' ')} ended with ${code}: ${stderr}`)
    return stdout
  }

  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.ok(...args, '--json')) as T
  }

  /** Starts `walrusfs ARGS` and gives the running process. */
  spawn(...args: string[]): ChildProcess {
    return spawn(process.execPath, [program, ...args], { env: this.env })
  }

  async startDevnet(...args: string[]): Promise<void> {
    this.#devnet = true
    await this.ok('devnet', 'start', ...args)
  }

  /** Makes a drive on the devnet with a funded key. */
  async create(name = 'demo', ...args: string[]): Promise<void> {
    await this.ok('create', name, '--network', 'devnet', ...args)
  }

  /** A directory to mount on, outside of the home. */
  mountPoint(): string {
    const path = mkdtempSync(join(tmpdir(), 'walrusfs-mnt-'))
    this.#mounts.add(path)
    return path
  }

  async mount(drive = 'demo', ...args: string[]): Promise<string> {
    const path = this.mountPoint()
    await this.ok('mount', drive, path, ...args)
    return path
  }

  async status(mount: string): Promise<DriveStatus> {
    return this.json<DriveStatus>('status', mount)
  }

  /** The daemon's process. */
  async pidOf(mount: string): Promise<number> {
    return (await this.status(mount)).pid
  }

  /** Forgets what a second machine would not have: state and cache. */
  forget(): void {
    rmSync(join(this.home, 'state'), { recursive: true, force: true })
    this.forgetCache()
  }

  /** Forgets what it could sign with: it only looks. */
  forgetKeys(): void {
    rmSync(join(this.home, 'config/keys'), { recursive: true, force: true })
  }

  /** Forgets what may be lost at any time. */
  forgetCache(): void {
    rmSync(join(this.home, 'cache'), { recursive: true, force: true })
  }

  async #end(): Promise<void> {
    for (const path of this.#mounts) {
      if (isMounted(path)) {
        const daemon = await this.status(path).catch(() => undefined)
        spawnSync('fusermount3', ['-u', '-z', '--', path])
        if (daemon) killIfThere(daemon.pid)
      }
      rmdirSync(path)
    }
    if (this.#devnet) await this.run('devnet', 'stop')
    rmSync(this.home, { recursive: true, force: true })
  }
}

/** Whether something is mounted exactly there. */
export function isMounted(path: string): boolean {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[1] === path)
}

/** Runs a command of the system; throws with its words when it fails. */
export function tool(
  command: string,
  args: readonly string[],
  options: { cwd?: string; input?: string; env?: NodeJS.ProcessEnv } = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...options,
  })
  if (error) throw error
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}${stdout}`)
  return stdout
}

/** Waits till a condition holds, asking again every 50 ms. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 60_000,
): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms in vain for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Why mounts cannot be tested here; false when they can. */
export function noMounts(): string | false {
  if (process.platform !== 'linux') return 'not Linux'
  return existsSync('/dev/fuse') ? false : '/dev/fuse is missing'
}

/** Waits for a process and gathers what it prints. */
export async function finish(child: ChildProcess): Promise<Finished> {
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const code = await new Promise<number | null>((done) => child.on('close', done))
  return { code, stdout, stderr }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** A directory for files of the test, gone at its end. */
export function scratch(test: Ending): string {
  const path = mkdtempSync(join(tmpdir(), 'walrusfs-scratch-'))
  test.teardown(() => rmSync(path, { recursive: true, force: true }))
  mkdirSync(path, { recursive: true })
  return path
}
