import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { finish, type Finished } from '../e2e/machine.ts'

/**
 * A root directory of Debian of its own: from debootstrap, or where that has no mirror, this machine's own with nothing of Node.js in it,
 * below an overlay. What is done in it is gone with the test.
 */
export class CleanRoot {
  readonly path: string
  readonly #over: string | undefined

  private constructor(path: string, over: string | undefined) {
    this.path = path
    this.#over = over
  }

  static at(path: string, over?: string): CleanRoot {
    return new CleanRoot(path, over)
  }

  static open(t: Test): CleanRoot {
    const base = mkdtempSync(join(tmpdir(), 'walrusfs-root-'))
    const root = bootstrapped(t, base) ?? overlaid(t, base)
    for (const device of ['dev', 'proc'])
      run('mount', ['--rbind', `/${device}`, join(root.path, device)])
    t.teardown(() => root.#close(base))
    return root
  }

  /** Starts a program in it, with these variables only. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    return spawn('chroot', [this.path, ...args], { env: { PATH, ...env }, detached: true })
  }

  run(...args: string[]): Promise<Finished> {
    return finish(this.start(args))
  }

  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args)
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`)
    return stdout
  }

  isMounted(path: string): boolean {
    const whole = join(this.path, path)
    return readFileSync('/proc/self/mounts', 'utf8').includes(` ${whole} fuse`)
  }

  #close(base: string): void {
    const mounts = readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .filter((path) => path.startsWith(`${this.path}/`))
    // Their events must not reach what they are bound to.
    for (const device of ['dev', 'proc']) {
      spawnSync('mount', ['--make-rslave', join(this.path, device)])
      spawnSync('umount', ['-R', '-l', join(this.path, device)])
    }
    for (const path of mounts.filter((one) => /\/srv\//.test(one)))
      spawnSync('umount', ['-l', path])
    if (this.#over) run('umount', ['-l', this.#over])
    // What is still bound there would be deleted with it.
    const left = readFileSync('/proc/self/mounts', 'utf8').includes(` ${base}/`)
    if (left) throw new Error(`${base} has mounts in it still: it stays`)
    rmSync(base, { recursive: true, force: true, maxRetries: 5 })
  }
}

function bootstrapped(t: Test, base: string): CleanRoot | undefined {
  const path = join(base, 'root')
  const args = ['--variant=minbase', '--include=fuse3,systemd', 'bookworm', path]
  const { status, error } = spawnSync('debootstrap', args, { stdio: 'ignore', timeout: 600_000 })
  if (status === 0) return CleanRoot.at(path)
  t.comment(error ? 'debootstrap is not installed' : `debootstrap ended with ${status}`)
  spawnSync('umount', ['-R', '-l', path])
  for (const inside of ['proc', 'sys', 'dev']) spawnSync('umount', ['-R', '-l', join(path, inside)])
  rmSync(path, { recursive: true, force: true })
  return undefined
}

function overlaid(t: Test, base: string): CleanRoot {
  t.comment('the root is this machine’s own below an overlay')
  const [upper, work, path] = ['upper', 'work', 'root'].map((name) => join(base, name))
  for (const directory of [upper, work, path]) mkdirSync(directory!)
  const options = `lowerdir=/,upperdir=${upper},workdir=${work}`
  run('mount', ['-t', 'overlay', 'overlay', '-o', options, path!])
  for (const node of ['usr/bin/node', 'usr/local/bin/node', 'usr/bin/npm', 'usr/local/bin/npm']) {
    rmSync(join(path!, node), { force: true })
  }
  return CleanRoot.at(path!, path)
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
}
