import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
  existsSync,
} from 'node:fs'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import tap, { test } from 'tap'
import { isMounted, Machine, noMounts, scratch, tool, until } from './machine.ts'
import { makeOddTree } from './odd-tree.ts'

const network = noMounts() ? undefined : await Machine.withDevnet(tap)

test(
  'what was fsynced before a kill -9 is there after the next mount',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    const mount = await machine.mount()
    const source = join(scratch(t), 'tree')
    makeOddTree(source, 600)
    const pid = await machine.pidOf(mount)
    const copy = spawn('cp', ['-a', source, mount], { stdio: 'ignore' })
    const acknowledged: string[] = []
    for (let i = 0; i < 50; i++) {
      const path = join(mount, `kept-${i}`)
      const fd = openSync(path, 'w')
      writeSync(fd, `${i}:`.repeat(3000))
      fsyncSync(fd)
      closeSync(fd)
      acknowledged.push(path)
    }
    process.kill(pid, 'SIGKILL')
    copy.kill()
    await until(() => !alive(pid), 'the daemon to die')
    t.ok(isMounted(mount), 'the dead mount is still in the way')

    await machine.ok('mount', 'demo', mount)
    for (const [i, path] of acknowledged.entries()) {
      t.equal(readFileSync(path, 'utf8'), `${i}:`.repeat(3000), path)
    }
    tool('cp', ['-a', `${source}/.`, join(mount, 'after')])
    await machine.ok('sync', mount)
    const other = new Machine(t, machine)
    const there = await other.mount('demo', '--read-only')
    for (const i of acknowledged.keys()) {
      t.equal(readFileSync(join(there, `kept-${i}`), 'utf8'), `${i}:`.repeat(3000))
    }
    t.equal(
      tool('diff', ['-r', '--no-dereference', '-x', 'pipe', source, join(there, 'after')]),
      '',
    )
  },
)

test(
  'a daemon that is killed again and again while it commits loses and doubles nothing',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    const mount = machine.mountPoint()
    for (let round = 0; round < 5; round++) {
      await machine.ok('mount', 'demo', mount, '--writeback-delay', '100ms')
      for (let before = 0; before < round; before++) {
        t.equal(readFileSync(join(mount, `round-${before}`)).length, 300_000 + before)
      }
      const path = join(mount, `round-${round}`)
      writeFileSync(path, Buffer.alloc(300_000 + round, round + 1), { flush: true })
      const pid = await machine.pidOf(mount)
      await new Promise((resolve) => setTimeout(resolve, round * 120))
      process.kill(pid, 'SIGKILL')
      await until(() => !alive(pid), 'the daemon to die')
    }
    await machine.ok('mount', 'demo', mount)
    await machine.ok('sync', mount)
    const other = new Machine(t, machine)
    const there = await other.mount('demo', '--read-only')
    for (let round = 0; round < 5; round++) {
      const bytes = readFileSync(join(there, `round-${round}`))
      t.equal(bytes.length, 300_000 + round)
      t.ok(
        bytes.every((byte) => byte === round + 1),
        `round ${round} is whole`,
      )
    }
    t.notOk(existsSync(join(there, 'round-5')))
  },
)

/** Calls without any fsync behind them, and what shows that they were carried out. */
const lastCalls: readonly (readonly [string, (at: string) => void, (at: string) => boolean])[] = [
  ['mkdir', (at) => mkdirSync(`${at}/new`), (at) => existsSync(`${at}/new`)],
  ['unlink', (at) => rmSync(`${at}/kept`), (at) => !existsSync(`${at}/kept`)],
  ['rename', (at) => renameSync(`${at}/kept`, `${at}/moved`), (at) => existsSync(`${at}/moved`)],
  [
    'link',
    (at) => linkSync(`${at}/kept`, `${at}/other`),
    (at) => lstatSync(`${at}/kept`).nlink === 2,
  ],
  ['symlink', (at) => symlinkSync('to', `${at}/link`), (at) => readlinkSync(`${at}/link`) === 'to'],
  [
    'chmod',
    (at) => chmodSync(`${at}/kept`, 0o600),
    (at) => (lstatSync(`${at}/kept`).mode & 0o7777) === 0o600,
  ],
  [
    'utimes',
    (at) => utimesSync(`${at}/kept`, 1, 2),
    (at) => lstatSync(`${at}/kept`).mtimeMs === 2000,
  ],
  [
    'write and close',
    (at) => writeFileSync(`${at}/kept`, 'changed'),
    (at) => readFileSync(`${at}/kept`, 'utf8') === 'changed',
  ],
]

test(
  'a daemon that is killed in the moment after its answer has done what it said',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    const mount = machine.mountPoint()
    await machine.ok('mount', 'demo', mount)
    for (const [call, change, isDone] of lastCalls) {
      const at = join(mount, call)
      mkdirSync(at)
      writeFileSync(join(at, 'kept'), call)
      const pid = await machine.pidOf(mount)
      change(at)
      process.kill(pid, 'SIGKILL')
      await until(() => !alive(pid), 'the daemon to die')
      await machine.ok('mount', 'demo', mount)
      t.ok(isDone(at), call)
    }
  },
)

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
