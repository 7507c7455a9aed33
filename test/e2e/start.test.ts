import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  closeSync,
  cpSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  rmdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test, type Test } from 'tap'
import { finish, isMounted, Machine, noMounts, until, type Finished } from './machine.ts'

const checkout = resolve(import.meta.dirname, '../..')

interface Started {
  readonly process: ChildProcess
  readonly finished: Promise<Finished>
}

test(
  'npm start gives a drive that keeps its files from one start to the next',
  { skip: noMounts() },
  async (t) => {
    const home = mkdtempSync(join(tmpdir(), 'walrusfs-start-'))
    const drive = mkdtempSync(join(tmpdir(), 'walrusfs-drive-'))
    const guest = new Machine(t)
    const stopNetwork = () => guest.runIn({ WALRUSFS_HOME: home }, 'devnet', 'stop')
    t.teardown(async () => {
      await stopNetwork()
      if (isMounted(drive)) spawnSync('umount', ['-l', drive])
      rmdirSync(drive)
      rmSync(home, { recursive: true, force: true })
    })
    const first = start(t, home, drive)
    await until(() => isMounted(drive), 'the first mount')
    writeFileSync(join(drive, 'hello'), 'from the first start')
    first.process.kill('SIGINT')
    const { code, stdout, stderr } = await first.finished
    t.equal(code, 0, stderr)
    t.match(stdout, drive, 'it says what is mounted')
    t.match(stdout, /^recovery {2}(\w{4}-){13}\w{4}$/m, 'the drive is sealed')
    t.notOk(isMounted(drive))

    const second = start(t, home, drive)
    await until(() => isMounted(drive), 'the second mount')
    t.equal(readFileSync(join(drive, 'hello'), 'utf8'), 'from the first start')

    cpSync(join(home, 'config'), join(guest.home, 'config'), { recursive: true })
    const there = await guest.mount('demo', '--read-only')
    t.equal(
      readFileSync(join(there, 'hello'), 'utf8'),
      'from the first start',
      'a copy of config is enough',
    )
    await guest.ok('umount', there)

    const acknowledged = openSync(join(drive, 'acknowledged'), 'w')
    writeSync(acknowledged, 'before the kill')
    fsyncSync(acknowledged)
    closeSync(acknowledged)
    second.process.kill('SIGKILL')
    await second.finished
    t.ok(isMounted(drive), 'the kill leaves a dead mount')

    const third = start(t, home, drive)
    await until(() => existsSync(join(drive, 'acknowledged')), 'the mount after the kill')
    t.equal(readFileSync(join(drive, 'acknowledged'), 'utf8'), 'before the kill')
    third.process.kill('SIGTERM')
    const last = await third.finished
    t.equal(last.code, 0)
    t.notMatch(last.stdout, /recovery/, 'that is said once')
    t.match(last.stdout, 'runs on', 'a network that it did not start is not stopped')
    t.notOk(isMounted(drive))

    const network = await stopNetwork()
    t.equal(network.code, 0, 'the network of the start that was killed ran on')
  },
)

function start(t: Test, home: string, drive: string): Started {
  const env = { ...process.env, WALRUSFS_HOME: home, WALRUSFS_DRIVE: drive, NO_COLOR: '1' }
  const child = spawn(process.execPath, ['src/cli/start.ts'], { cwd: checkout, env })
  t.teardown(() => {
    if (child.exitCode === null) child.kill('SIGTERM')
  })
  return { process: child, finished: finish(child) }
}
