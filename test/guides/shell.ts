import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { until } from '../e2e/machine.ts'

export interface Done {
  readonly status: number
  /** What standard output and standard error got, as they came. */
  readonly output: string
}

/** A bash that a person types into: variables, functions and the working directory last from one command to the next. */
export class Shell {
  readonly #bash: ChildProcess
  readonly #scratch: string
  readonly #ended: Promise<number>
  readonly #left: { readonly child: ChildProcess; readonly ended: Promise<number> }[] = []
  #commands = 0

  constructor(scratch: string, env: NodeJS.ProcessEnv, cwd: string) {
    this.#scratch = scratch
    this.#bash = spawn('bash', ['--noprofile', '--norc'], {
      env,
      cwd,
      stdio: ['pipe', 'ignore', 'inherit', 'pipe'],
    })
    this.#ended = endOf(this.#bash)
  }

  /** Runs a script. The first command of it that fails ends it; where it is to fail, only its last command counts. */
  async run(script: string, isToFail = false): Promise<Done> {
    const [file, output] = this.#files(script)
    const mode = isToFail ? '+e' : '-e'
    const answer = new Promise<number>((done) =>
      this.#said.once('data', (text) => done(Number(text))),
    )
    const words = `( exit 0 ); set ${mode}; source '${file}' >'${output}' 2>&1 </dev/null; echo $? >&3\n`
    this.#bash.stdin!.write(words)
    const status = await Promise.race([answer, this.#ended])
    return { status, output: readFileSync(output, 'utf8') }
  }

  /** Starts what stays in the foreground, as in another terminal; gives what it has printed so far. */
  leave(script: string, env: NodeJS.ProcessEnv, cwd: string): () => string {
    const [file, output] = this.#files(`exec ${script}`)
    const out = openSync(output, 'w')
    const child = spawn('bash', [file], { env, cwd, stdio: ['ignore', out, out], detached: true })
    closeSync(out)
    this.#left.push({ child, ended: endOf(child) })
    return () => readFileSync(output, 'utf8')
  }

  /** Ends what was left with Ctrl-C, and then the bash; gives the exit status of each. */
  async end(): Promise<number[]> {
    const statuses: number[] = []
    for (const { child, ended } of this.#left.reverse()) {
      // To all of the terminal's foreground, as Ctrl-C does.
      if (isThere(-child.pid!)) process.kill(-child.pid!, 'SIGINT')
      statuses.push(await ended)
      await until(() => !isThere(-child.pid!), 'what Ctrl-C ends', 300_000)
    }
    this.#bash.stdin!.end()
    await this.#ended
    return statuses
  }

  get #said(): Readable {
    return this.#bash.stdio[3] as Readable
  }

  #files(script: string): [file: string, output: string] {
    const file = join(this.#scratch, `${++this.#commands}.sh`)
    writeFileSync(file, script.endsWith('\n') ? script : `${script}\n`)
    return [file, `${file}.out`]
  }
}

/** What Ctrl-C ends has ended well. */
async function endOf(child: ChildProcess): Promise<number> {
  return new Promise((done) =>
    child.once('close', (code, by) => done(by === 'SIGINT' ? 0 : (code ?? 128))),
  )
}

/** A process, or with a minus any of its group. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
