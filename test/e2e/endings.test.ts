import { randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import {
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import tap, { test } from 'tap'
import { isMounted, Machine, noMounts, until, tool, type Ending } from './machine.ts'

const network = noMounts() ? undefined : await Machine.withDevnet(tap)

const [wholeFile, write] = ['0, 0', 1]
/** How a lock is taken without a wait, and with one. */
const kinds = {
  fcntl: [
    `posix.fcntlLock(fd, 6, ${write}, ${wholeFile}).result`,
    `posix.fcntlLock(fd, 7, ${write}, ${wholeFile}).result`,
  ],
  'open file description': [
    `posix.fcntlLock(fd, 37, ${write}, ${wholeFile}).result`,
    `posix.fcntlLock(fd, 38, ${write}, ${wholeFile}).result`,
  ],
  flock: ['posix.flock(fd, 2 | 4)', 'posix.flock(fd, 2)'],
} as const

test('locks of a client that is killed go to who waits', { skip: noMounts() }, async (t) => {
  const machine = await network!.withDrive(t)
  const mount = await machine.mount()
  for (const [kind, [take, wait]] of Object.entries(kinds)) {
    const file = join(mount, kind)
    writeFileSync(file, 'x')
    const [holder, waiter] = [client(t, file), client(t, file)]
    t.equal(await holder.ask(take), 0, kind)
    t.equal(await waiter.ask(take), 'EAGAIN', `${kind}: held`)
    waiter.tell(wait)
    holder.kill()
    t.equal(await waiter.hear(), 0, `${kind}: given to the one that waits`)
    waiter.kill()
    await until(async () => {
      const third = client(t, file)
      const took = await third.ask(take)
      third.kill()
      return took === 0
    }, `${kind}: free again`)
  }
})

test(
  'a daemon killed with files open and locked leaves a mount that the next one cleans',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    const mount = await machine.mount()
    const kept = openSync(join(mount, 'kept'), 'w')
    const gone = openSync(join(mount, 'gone'), 'w')
    writeSync(kept, 'kept')
    writeSync(gone, 'bytes of a file without a name')
    unlinkSync(join(mount, 'gone'))
    const holders = lockAll(t, mount)
    await holders.taken
    for (const fd of [kept, gone]) fsyncSync(fd)
    process.kill(await machine.pidOf(mount), 'SIGKILL')
    await until(() => fails(() => readdirSync(mount), 'ENOTCONN'), 'the mount to be dead')
    t.ok(isMounted(mount))

    await machine.ok('mount', 'demo', mount)
    t.same(readdirSync(mount).sort(), ['kept', ...Object.keys(kinds)].sort())
    t.equal(readFileSync(join(mount, 'kept'), 'utf8'), 'kept')
    t.ok(
      fails(() => (writeSync(kept, 'more'), fsyncSync(kept)), 'ENOTCONN'),
      'old descriptors are dead',
    )
    const fresh = lockAll(t, mount)
    t.same(await fresh.taken, [0, 0, 0], 'the locks are free')
    fresh.kill()
    holders.kill()
    await machine.ok('umount', mount)
    t.notOk(isMounted(mount), 'nothing is mounted below')
  },
)

test(
  'a mount right after an unmount by the system waits until the daemon before it is done',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    const mount = await machine.mount('demo', '--writeback-delay', '1h')
    const bytes = randomBytes(8_000_000)
    writeFileSync(join(mount, 'f'), bytes)
    tool('fusermount3', ['-u', mount])
    await machine.ok('mount', 'demo', mount)
    t.ok(readFileSync(join(mount, 'f')).equals(bytes))
    const { writeback } = await machine.status(mount)
    t.notOk(writeback.dirty, 'it was stored by the one before')
  },
)

/** Takes a lock of each kind in a process of its own. */
function lockAll(t: Ending, mount: string) {
  const taking = Object.entries(kinds).map(([kind, [take]]) => {
    const file = join(mount, kind)
    writeFileSync(file, '', { flag: 'a' })
    const holder = client(t, file)
    return { holder, taken: holder.ask(take) }
  })
  return {
    taken: Promise.all(taking.map(({ taken }) => taken)),
    kill: () => taking.forEach(({ holder }) => holder.kill()),
  }
}

/** Another process that has a file open as `fd`, and answers what lines of code give. */
function client(t: Ending, file: string) {
  const code = `
    import { openSync } from 'node:fs'
    import { createInterface } from 'node:readline'
    import * as posix from '${new URL('../fuse/posix.ts', import.meta.url).href}'
    const fd = openSync('${file}', 'r+')
    for await (const line of createInterface({ input: process.stdin })) {
      console.log(JSON.stringify(new Function('posix', 'fd', 'return ' + line)(posix, fd)))
    }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const tell = (line: string) => child.stdin.write(`${line}\n`)
  const hear = async () => JSON.parse((await lines.next()).value as string) as unknown
  return {
    tell,
    hear,
    ask: async (line: string) => (tell(line), hear()),
    kill: () => child.kill('SIGKILL'),
  }
}

function fails(call: () => unknown, code: string): boolean {
  try {
    call()
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === code
  }
}
