import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
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
    t.teardown(() => {
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
    t.notOk(isMounted(drive))

    const second = start(t, home, drive)
    await until(() => isMounted(drive), 'the second mount')
    t.equal(readFileSync(join(drive, 'hello'), 'utf8'), 'from the first start')

    const guest = new Machine(t)
    cpSync(join(home, 'config'), join(guest.home, 'config'), { recursive: true })
    const there = await guest.mount('demo', '--read-only')
    t.equal(
      readFileSync(join(there, 'hello'), 'utf8'),
      'from the first start',
      'a copy of config is enough',
    )
    await guest.ok('umount', there)

    second.process.kill('SIGTERM')
    t.equal((await second.finished).code, 0)
    t.notOk(isMounted(drive))
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
