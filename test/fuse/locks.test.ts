import { spawn } from 'node:child_process'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test } from 'tap'
import type { Test } from 'tap'
import { MemoryMount, whyNoMount } from './mounted.ts'
import { fcntlLock, flock, Flock, Lock } from './posix.ts'

const skip = whyNoMount() ?? false
const [read, write, unlock] = [0, 1, 2]

/** Another process that runs lines of code with a file open as `fd` and answers what they gave. */
function other(t: Test, file: string) {
  const code = `
    import { openSync, closeSync } from 'node:fs'
    import { createInterface } from 'node:readline'
    import * as posix from '${new URL('posix.ts', import.meta.url).href}'
    const fd = openSync('${file}', 'r+')
    for await (const line of createInterface({ input: process.stdin })) {
      console.log(JSON.stringify(new Function('posix', 'fd', 'closeSync', 'return ' + line)(posix, fd, closeSync) ?? null))
    }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const gone = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  const kill = async () => {
    child.kill('SIGKILL')
    await gone
  }
  t.teardown(() => kill())
  return {
    pid: child.pid,
    kill,
    tell: (line: string) => child.stdin.write(`${line}\n`),
    hear: async () => JSON.parse((await lines.next()).value as string) as unknown,
    async ask(line: string) {
      this.tell(line)
      return await this.hear()
    },
  }
}

test('locks hold among processes', { skip }, async (t) => {
  const mounted = await MemoryMount.start(t)
  const file = mounted.path('locked')
  writeFileSync(file, 'x'.repeat(100))

  await t.test('fcntl: ranges, conflicts, who holds it', async (t) => {
    const they = other(t, file)
    const fd = openSync(file, 'r+')
    t.equal(fcntlLock(fd, Lock.set, write, 10, 10).result, 0)
    t.match(await they.ask('posix.fcntlLock(fd, 6, 1, 15, 1)'), { result: 'EAGAIN' })
    t.match(await they.ask('posix.fcntlLock(fd, 6, 1, 20, 0)'), { result: 0 })
    t.match(await they.ask('posix.fcntlLock(fd, 5, 0, 0, 0)'), {
      type: write,
      start: 10,
      length: 10,
      pid: process.pid,
    })
    t.match(fcntlLock(fd, Lock.get, read, 50, 1), {
      type: write,
      start: 20,
      length: 0,
      pid: they.pid,
    })
    await they.kill()
    t.equal(fcntlLock(fd, Lock.set, write, 0, 0).result, 0, 'the dead hold nothing')
    closeSync(fd)
  })

  await t.test('fcntl: a wait ends when the lock is given up, by unlock or close', async (t) => {
    const they = other(t, file)
    const fd = openSync(file, 'r+')
    t.equal(fcntlLock(fd, Lock.set, write, 0, 0).result, 0)
    await they.ask('1')
    they.tell('posix.fcntlLock(fd, 7, 1, 0, 0)')
    t.equal(fcntlLock(fd, Lock.set, unlock, 0, 0).result, 0)
    t.match(await they.hear(), { result: 0 })
    t.equal(fcntlLock(fd, Lock.set, write, 0, 0).result, 'EAGAIN')
    await they.ask('closeSync(fd)')
    t.equal(fcntlLock(fd, Lock.set, write, 0, 0).result, 0)
    closeSync(fd)
  })

  await t.test(
    'a wait for a lock ends when its process is killed, and holds up nobody',
    async (t) => {
      const they = other(t, file)
      const fd = openSync(file, 'r+')
      t.equal(flock(fd, Flock.exclusive), 0)
      await they.ask('1')
      they.tell('posix.flock(fd, 2)')
      writeFileSync(mounted.path('meanwhile'), 'others go on')
      await they.kill()
      t.equal(flock(fd, Flock.unlock), 0)
      t.equal(flock(fd, Flock.exclusive | Flock.nonBlocking), 0, 'the dead did not get it')
      closeSync(fd)
    },
  )

  await t.test('flock', async (t) => {
    const they = other(t, file)
    const fd = openSync(file, 'r')
    t.equal(flock(fd, Flock.shared), 0)
    t.equal(await they.ask('posix.flock(fd, 1 | 4)'), 0)
    t.equal(flock(fd, Flock.exclusive | Flock.nonBlocking), 'EAGAIN')
    await they.kill()
    t.equal(flock(fd, Flock.exclusive), 0)
    closeSync(fd)
  })

  await t.test('locks of open file descriptions', async (t) => {
    const [one, two] = [openSync(file, 'r+'), openSync(file, 'r+')]
    t.equal(fcntlLock(one, Lock.ofdSet, write, 0, 0).result, 0)
    t.equal(fcntlLock(two, Lock.ofdSet, write, 0, 0).result, 'EAGAIN', 'within one process, too')
    closeSync(one)
    t.equal(fcntlLock(two, Lock.ofdSet, write, 0, 0).result, 0, 'released with the description')
    closeSync(two)
  })
})
