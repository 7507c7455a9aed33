import { fork, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { DriverName } from '../../src/fuse/choose-driver.ts'
import type { Question, Served } from './serve.ts'

export interface MountWishes {
  readonly driver?: DriverName
  readonly deferred?: boolean
  readonly keepCache?: boolean
  readonly mountPoint?: string
  readonly mount?: Partial<Served['mount']>
  /** Whom the serving process runs as. @default who runs the tests */
  readonly as?: { readonly uid: number; readonly gid: number }
}

/** A message of the serving child that answers no question. */
type News =
  | { readonly ready: string }
  | { readonly ended: true }
  | { readonly failed: { readonly code?: string; readonly message: string } }

type Reply = { readonly id: number; readonly value?: unknown; readonly error?: Failure }

interface Failure {
  readonly code?: string
  readonly message: string
}

/** Why there can be no mount here; undefined if there can. */
export function whyNoMount(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux'
  try {
    statSync('/dev/fuse')
  } catch {
    return 'needs /dev/fuse'
  }
  const canMount = process.getuid?.() === 0 || spawnSync('fusermount3', ['-V']).status === 0
  return canMount ? undefined : 'needs root or fusermount3'
}

/** A memory file system served by a child process. */
export class MemoryMount {
  readonly dir: string
  readonly child: ChildProcess
  /** What the child's log said. */
  log = ''
  readonly ended: Promise<void>
  readonly #answers = new Map<number, (reply: Reply) => void>()
  readonly #exited: Promise<void>
  readonly #end = Promise.withResolvers<void>()
  #nextId = 1

  private constructor(dir: string, child: ChildProcess) {
    this.dir = dir
    this.child = child
    this.ended = this.#end.promise
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.log += text))
    child.on('message', (message: Reply | News) => this.#receive(message))
    void this.#exited.then(() => this.#end.resolve())
  }

  /** Mounts, and takes care that nothing is left when the test ends. */
  static async start(t: Test, wishes: MountWishes = {}): Promise<MemoryMount> {
    const dir = wishes.mountPoint ?? makeMountPoint(t)
    const mounted = new MemoryMount(dir, startChild(dir, wishes))
    t.teardown(() => mounted.stop())
    await mounted.#ready()
    return mounted
  }

  path(...names: string[]): string {
    return join(this.dir, ...names)
  }

  /** Asks the serving process; see serve.ts. */
  async ask<T = void>(ask: Question['ask'], ...given: readonly unknown[]): Promise<T> {
    const id = this.#nextId++
    const reply = await new Promise<Reply>((resolve) => {
      this.#answers.set(id, resolve)
      this.child.send({ id, ask, with: given } satisfies Question)
    })
    if (reply.error) throw Object.assign(new Error(reply.error.message), { code: reply.error.code })
    return reply.value as T
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      if (this.child.connected) this.child.disconnect()
      setTimeout(() => this.child.kill('SIGKILL'), 5000).unref()
      await this.#exited
    }
    spawnSync('umount', ['-l', this.dir], { stdio: 'ignore' })
  }

  #receive(message: Reply | News): void {
    if ('id' in message) {
      this.#answers.get(message.id)?.(message)
      this.#answers.delete(message.id)
    } else if ('ended' in message) this.#end.resolve()
  }

  #ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.child.on('message', (message: News) => {
        if ('ready' in message) resolve()
        if ('failed' in message) reject(Object.assign(new Error(), message.failed))
      })
      void this.#exited.then(() => reject(new Error(`the server exited: ${this.log}`)))
    })
  }
}

/** Waits for what comes true a little later, such as a FORGET. The check answers undefined until then. */
export async function eventually<T>(check: () => Promise<T | undefined>): Promise<T> {
  for (const end = performance.now() + 5000; ; await sleep(20)) {
    const found = await check()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error('it did not come true')
  }
}

/** An empty directory outside of tap's own, removed when the test ends. */
export function makeMountPoint(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'walrusfs-fuse-'))
  chmodSync(dir, 0o777)
  t.teardown(() => rmdirSync(dir))
  return dir
}

function startChild(dir: string, wishes: MountWishes): ChildProcess {
  const served: Served = {
    driver: wishes.driver ?? 'kernel',
    deferred: wishes.deferred ?? false,
    keepCache: wishes.keepCache ?? true,
    mount: {
      mountPoint: dir,
      source: 'memory',
      readOnly: false,
      allowOther: process.getuid?.() === 0 && wishes.as === undefined,
      extra: [],
      ...wishes.mount,
    },
  }
  return fork(join(import.meta.dirname, 'serve.ts'), [JSON.stringify(served)], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    execArgv: [],
    ...wishes.as,
  })
}
