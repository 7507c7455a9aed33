import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tap, { test, type Test } from 'tap'
import { isMounted, Machine, noMounts, scratch, until } from './machine.ts'
import { giveAway } from './give-away.ts'
import { exitCodes, type TroubleCode } from '../../src/terms/trouble.ts'

const network = noMounts() ? undefined : await Machine.withDevnet(tap)

/** Expects a failure that is one line, with this code. */
async function refused(
  t: Test,
  machine: Machine,
  code: TroubleCode,
  words: RegExp,
  ...args: string[]
): Promise<void> {
  const { code: exit, stdout, stderr } = await machine.run(...args)
  t.equal(exit, exitCodes[code], `walrusfs ${args.join(' ')}: ${stderr}`)
  t.match(stderr, words)
  t.equal(stderr.trim().split('\n').length, 1, `one line: ${stderr}`)
  t.equal(stdout, '')
}

test(
  'what cannot be mounted is refused in one line, and nothing is lost',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    const mount = await machine.mount()
    writeFileSync(join(mount, 'precious'), 'still here')
    await machine.ok('sync', mount)

    await t.test('an unknown drive', async (t) => {
      await refused(t, machine, 'unknown-drive', /nosuch/, 'mount', 'nosuch', machine.mountPoint())
      const optionsFirst = ['mount', '-o', 'rw', 'nosuch', machine.mountPoint()]
      await refused(t, machine, 'unknown-drive', /nosuch/, ...optionsFirst)
    })
    await t.test('an object that is no manifest', async (t) => {
      await refused(
        t,
        machine,
        'unknown-drive',
        /0x0*6 on devnet/,
        'mount',
        '0x6',
        machine.mountPoint(),
        '--network',
        'devnet',
        '--read-only',
      )
    })
    await t.test('a mount point that is busy', async (t) => {
      await machine.ok('create', 'second', '--network', 'devnet')
      await refused(t, machine, 'mount-point', /mounted/, 'mount', 'second', mount)
    })
    await t.test('a mount point that is not there, is a file, or is not empty', async (t) => {
      const directory = scratch(t)
      writeFileSync(join(directory, 'file'), '')
      await refused(
        t,
        machine,
        'mount-point',
        /not there|no such/i,
        'mount',
        'second',
        join(directory, 'missing'),
      )
      await refused(
        t,
        machine,
        'mount-point',
        /not a directory/,
        'mount',
        'second',
        join(directory, 'file'),
      )
      await refused(t, machine, 'mount-point', /not empty/, 'mount', 'second', directory)
    })
    await t.test('a mount point that holds the state or the cache, or lies in them', async (t) => {
      const { home } = machine
      await refused(
        t,
        machine,
        'mount-point',
        /state|cache/,
        'mount',
        'second',
        home,
        '-o',
        'nonempty',
      )
      mkdirSync(join(home, 'cache', 'inside'), { recursive: true })
      await refused(
        t,
        machine,
        'mount-point',
        /cache/,
        'mount',
        'second',
        join(home, 'cache', 'inside'),
      )
    })
    await t.test('a second daemon on one state directory', async (t) => {
      await refused(t, machine, 'locked', /already|another/, 'mount', 'demo', machine.mountPoint())
    })
    t.equal(readFileSync(join(mount, 'precious'), 'utf8'), 'still here')
  },
)

test('keys and money that are not there are named', { skip: noMounts() }, async (t) => {
  // Who has no key reads it.
  const machine = await network!.withDrive(t, 'demo', '--public')
  const keys = join(machine.home, 'config', 'keys')

  await t.test('a key that is gone', async (t) => {
    const other = new Machine(t, machine)
    rmSync(join(other.home, 'config', 'keys', 'demo'))
    await refused(t, other, 'no-key', /--read-only/, 'mount', 'demo', other.mountPoint())
    await other.ok('mount', 'demo', other.mountPoint(), '--read-only')
  })
  await t.test('a key that owns no capability', async (t) => {
    const other = new Machine(t, machine)
    await other.ok('create', 'stranger', '--network', 'devnet')
    writeFileSync(
      join(other.home, 'config/keys/demo'),
      readFileSync(join(other.home, 'config/keys/stranger')),
    )
    await refused(t, other, 'wrong-key', /key/, 'mount', 'demo', other.mountPoint())
  })
  await t.test('a key that others may read', async (t) => {
    chmodSync(join(keys, 'demo'), 0o644)
    await refused(t, machine, 'config', /chmod 600/, 'mount', 'demo', machine.mountPoint())
    chmodSync(join(keys, 'demo'), 0o600)
  })
  for (const coin of ['sui', 'wal'] as const) {
    await t.test(`no ${coin} left: changes wait here and status says so`, async (t) => {
      const mount = await machine.mount('demo', '--writeback-delay', '100ms')
      await giveAway(machine, coin)
      writeFileSync(join(mount, `without-${coin}`), 'x'.repeat(50_000), { flush: true })
      await until(
        async () => (await machine.status(mount)).writeback.why !== undefined,
        'status to say why',
      )
      t.match((await machine.status(mount)).writeback.why, coin === 'sui' ? /SUI/ : /WAL/)
      await machine.ok('devnet', 'faucet', 'demo')
      await until(async () => !(await machine.status(mount)).writeback.dirty, 'the drain')
      await machine.ok('umount', mount)
    })
  }
})

test(
  'a devnet that is down is said; one that goes down later holds up commits only',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    await machine.ok('devnet', 'stop')
    await refused(t, machine, 'unreachable', /devnet start/, 'mount', 'demo', machine.mountPoint())
    await machine.ok('devnet', 'start')
    const mount = await machine.mount('demo', '--writeback-delay', '100ms')
    await machine.ok('devnet', 'stop')
    writeFileSync(join(mount, 'later'), 'waits', { flush: true })
    t.equal(readFileSync(join(mount, 'later'), 'utf8'), 'waits')
    await until(
      async () => (await machine.status(mount)).writeback.why !== undefined,
      'status to say why',
    )
    await machine.ok('devnet', 'start')
    await until(async () => !(await machine.status(mount)).writeback.dirty, 'the drain')
  },
)

test(
  'a damaged journal tail is set aside, said, and what came before it is kept',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    const mount = await machine.mount()
    writeFileSync(join(mount, 'before'), 'kept', { flush: true })
    const pid = await machine.pidOf(mount)
    process.kill(pid, 'SIGKILL')
    const journal = join(machine.home, 'state', 'demo', 'journal')
    const last = readdirSync(journal)
      .filter((name) => !name.endsWith('.damaged'))
      .sort()
      .at(-1)!
    appendFileSync(join(journal, last), Buffer.from([9, 0, 0, 0, 1, 2, 3, 4, 5]))
    const { code, stderr } = await machine.run('mount', 'demo', mount)
    t.equal(code, 0, stderr)
    t.match(stderr, /journal/)
    t.equal(readFileSync(join(mount, 'before'), 'utf8'), 'kept')
  },
)

test(
  'a control socket that cannot be made leaves no mount behind',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    const forAll = scratch(t)
    mkdirSync(join(forAll, `walrusfs-${process.getuid!()}`), { mode: 0o755 })
    const deep = join(machine.home, 'a-long-name-'.repeat(9))
    cpSync(join(machine.home, 'config'), join(deep, 'config'), { recursive: true })
    const mount = machine.mountPoint()
    const env = { WALRUSFS_HOME: deep, TMPDIR: forAll, XDG_RUNTIME_DIR: undefined }
    const { code, stderr } = await machine.runIn(env, 'mount', 'demo', mount)
    t.equal(code, exitCodes.config, stderr)
    t.match(stderr, /belong to you alone/)
    t.notOk(isMounted(mount))
  },
)

test('flags and configuration that are wrong are refused', async (t) => {
  const machine = new Machine(t)
  await refused(t, machine, 'usage', /Unknown argument/, 'status', '--colour')
  await refused(t, machine, 'usage', /Not enough|mount/, 'mount', 'demo')
  const config = join(machine.home, 'config')
  mkdirSync(config, { recursive: true })
  writeFileSync(join(config, 'config.yaml'), 'drives: {demo: {networc: devnet}}')
  await refused(t, machine, 'config', /networc/, 'ls', 'demo')
  const elsewhere = mkdtempSync(join(tmpdir(), 'walrusfs-config-'))
  t.teardown(() => rmSync(elsewhere, { recursive: true }))
  await refused(
    t,
    machine,
    'config',
    /missing|not there/,
    'ls',
    'demo',
    '--config',
    join(elsewhere, 'none.yaml'),
  )
})
