import { chooseDriver } from '../../src/fuse/choose-driver.ts'
import type { DriverName } from '../../src/fuse/choose-driver.ts'
import type { Mounted, MountOptions } from '../../src/fuse/driver.ts'
import { LineLog } from '../../src/runtime/log.ts'
import { nameFromText } from '../../src/terms/name.ts'
import { faulty } from './faulty-file-system.ts'
import type { Counts } from './faulty-file-system.ts'
import { MemoryFileSystem } from './memory-file-system.ts'

/** What the child is told to serve: the first argument, as JSON. */
export interface Served {
  readonly driver: DriverName
  readonly mount: Omit<MountOptions, 'log'>
  /** Answer each call in a later turn. @default false */
  readonly deferred?: boolean
  readonly keepCache?: boolean
}

/** Asked of the child by message; answered with the same `id`. */
export interface Question {
  readonly id: number
  readonly ask: keyof Answers
  readonly with: readonly unknown[]
}

/** What can be asked. */
interface Answers {
  description(): string
  limitations(): readonly string[]
  unmount(lazy: boolean): Promise<void>
  abort(): void
  counts(): Counts
  leaks(): { nodes: number; handles: number }
  ticks(): number
  /** As if another machine had changed a file of the root: its bytes, and the kernel is told. */
  change(name: string, text: string, tell: boolean | 'node only'): void
  /** As if another machine had removed a name of the root. */
  remove(name: string, tell: boolean): void
  add(name: string, tell: boolean): void
}

const served = JSON.parse(process.argv[2]!) as Served
const log = new LineLog((line) => process.stderr.write(`${line}\n`), 'info')
const memory = new MemoryFileSystem(process.getuid?.(), process.getgid?.())
memory.keepCache = served.keepCache ?? true
const counts: Counts = { aborted: 0, calls: {} }
const driver = chooseDriver(served.driver)
const caller = { uid: 0, gid: 0, pid: 0, umask: undefined }
let ticks = 0
setInterval(() => ticks++, 1).unref()

function answers(mounted: Mounted): Answers {
  return {
    description: () => mounted.description,
    limitations: () => driver.limitations,
    unmount: (lazy) => mounted.unmount(lazy),
    abort: () => mounted.abort(),
    counts: () => counts,
    leaks: () => ({ nodes: memory.nodeCount, handles: memory.handleCount }),
    ticks: () => ticks,
    change(name, text, tell) {
      const node = memory.lookup(1, nameFromText(name))
      memory.forget(node.id, 1)
      const { handle } = memory.open(node.id, 0o1001, caller)
      memory.write(node.id, handle, 0, Buffer.from(text), false, caller)
      memory.release(node.id, handle, undefined)
      if (tell) mounted.invalidateNode(node.id, 0)
      if (tell === true) mounted.invalidateEntry(1, nameFromText(name))
    },
    remove(name, tell) {
      memory.unlink(1, nameFromText(name))
      if (tell) mounted.invalidateEntry(1, nameFromText(name))
    },
    add(name, tell) {
      const node = memory.mknod(1, nameFromText(name), 0o100644, 0, caller)
      memory.forget(node.id, 1)
      if (tell) mounted.invalidateEntry(1, nameFromText(name))
    },
  }
}

async function answer(known: Answers, { id, ask, with: given }: Question): Promise<void> {
  try {
    const call = known[ask] as (...values: readonly unknown[]) => unknown
    process.send?.({ id, value: await call(...given) })
  } catch (error) {
    const { code, message } = error as Error & { code?: string }
    process.send?.({ id, error: { code, message } })
  }
}

async function main(): Promise<void> {
  const fileSystem = faulty(memory, served.deferred ?? false, counts)
  const mounted = await driver.mount(fileSystem, { ...served.mount, log })
  const known = answers(mounted)
  const running = new Set<Promise<void>>()
  process.on('message', (question: Question) => running.add(answer(known, question)))
  const parentIsGone = () => void mounted.unmount(true).finally(() => process.exit(1))
  process.on('disconnect', parentIsGone)
  process.send?.({ ready: mounted.description })
  await mounted.ended
  await Promise.all(running)
  process.off('disconnect', parentIsGone)
  process.send?.({ ended: true })
  // Nothing must keep the process alive now.
  setTimeout(() => process.disconnect(), 50)
}

main().catch((error: unknown) => {
  const { code, message, stack } = error as Error & { code?: string }
  process.send?.({ failed: { code, message, stack } }, undefined, undefined, () => process.exit(2))
})
